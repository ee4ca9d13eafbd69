using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Dub.Clerk.Conversions;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Analytics;

/// <summary>Reads the sums of <see cref="Rollup"/> for a time.</summary>
internal sealed class RollupReader(StoreConnection store, EventLog events)
{
    /// <summary>How many hashes are asked for together.</summary>
    private const int Batch = 512;

    /// <summary>The totals of each quarter of an hour in which something happened.</summary>
    /// <param name="scopes">One scope, or those of several links.</param>
    /// <param name="from">On a quarter of an hour.</param>
    /// <param name="to">Before this; on a quarter of an hour.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<(DateTimeOffset Start, Totals Totals)>> ReadQuartersAsync(
        IReadOnlyCollection<string> scopes, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var quarters = new Dictionary<DateTimeOffset, Totals>();
        var hashes = Span.DaysOf(from, to).SelectMany(day => scopes.SelectMany(scope => Shards.Select(shard => (Day: day, Key: store.Keys.Rollup(shard, Rollup.QuartersOf(scope, day))))));
        await foreach (var (hash, entries) in ReadAsync(hashes, hash => hash.Key, string.Empty, cancellationToken))
        {
            var midnight = new DateTimeOffset(hash.Day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            foreach (var (field, totals) in entries)
            {
                var start = midnight + (Rollup.Quarter * int.Parse(field, CultureInfo.InvariantCulture));
                if (start >= from && start < to)
                {
                    quarters[start] = quarters.GetValueOrDefault(start) + totals;
                }
            }
        }

        return [.. quarters.Select(quarter => (quarter.Key, quarter.Value))];
    }

    /// <summary>The totals of each value of a dimension.</summary>
    /// <inheritdoc cref="ReadQuartersAsync"/>
    public async Task<IReadOnlyDictionary<string, Totals>> ReadValuesAsync(
        Dimension dimension, IReadOnlyCollection<string> scopes, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, Totals>(StringComparer.Ordinal);
        var (prefix, group, span) = (Rollup.Field(dimension, string.Empty), Dimensions.GroupOf(dimension), Span.Of(from, to));
        var names = span.Days.SelectMany(day => scopes.Select(scope => Rollup.DayOf(scope, group, day)))
            .Concat(span.Hours.SelectMany(hour => scopes.Select(scope => Rollup.HourOf(scope, group, hour))));
        var hashes = names.SelectMany(name => Shards.Select(shard => store.Keys.Rollup(shard, name)));
        await foreach (var (_, entries) in ReadAsync(hashes, key => key, prefix, cancellationToken))
        {
            foreach (var (value, totals) in entries)
            {
                values[value] = values.GetValueOrDefault(value) + totals;
            }
        }

        // The rest of an hour, in zones whose days begin within one.
        foreach (var (start, end) in span.Rest)
        {
            foreach (var kind in Enum.GetValues<EventKind>())
            {
                await foreach (var one in events.ReadAsync(kind, start, end, cancellationToken: cancellationToken))
                {
                    if ((scopes.Contains(Rollup.AllLinks) || scopes.Contains(Rollup.OfLink(one.Click.LinkId))) && Dimensions.Of(one.Click, dimension) is { Length: > 0 } value)
                    {
                        values[value] = values.GetValueOrDefault(value) + Totals.Of(one);
                    }
                }
            }
        }

        return values;
    }

    private static IEnumerable<int> Shards => Enumerable.Range(0, StoreKeys.Shards);

    /// <summary>The fields that begin so, without that.</summary>
    private async IAsyncEnumerable<(T Hash, IEnumerable<(string Field, Totals Totals)> Entries)> ReadAsync<T>(
        IEnumerable<T> hashes, Func<T, RedisKey> key, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var begin = Encoding.UTF8.GetBytes(prefix);
        foreach (var batch in hashes.Chunk(Batch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = await store.RunAsync(database => Task.WhenAll(batch.Select(hash => database.HashGetAllAsync(key(hash), flags: CommandFlags.DemandMaster))));
            foreach (var (hash, entries) in batch.Zip(read))
            {
                if (entries.Length > 0)
                {
                    yield return (hash, Parse(entries, begin));
                }
            }
        }
    }

    private static IEnumerable<(string Field, Totals Totals)> Parse(HashEntry[] entries, byte[] begin)
    {
        foreach (var entry in entries)
        {
            var name = ((ReadOnlyMemory<byte>)entry.Name).Span;
            if (name[1..].StartsWith(begin))
            {
                var value = (long)entry.Value;
                yield return (Encoding.UTF8.GetString(name[(1 + begin.Length)..]), (char)name[0] switch
                {
                    'c' => new Totals(value, 0, 0, 0),
                    'l' => new Totals(0, value, 0, 0),
                    's' => new Totals(0, 0, value, 0),
                    _ => new Totals(0, 0, 0, value),
                });
            }
        }
    }

    /// <summary>A time in whole days (UTC), whole hours beside them, and what is left of hours.</summary>
    private sealed record Span(IReadOnlyList<DateOnly> Days, IReadOnlyList<DateTimeOffset> Hours, IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> Rest)
    {
        public static Span Of(DateTimeOffset from, DateTimeOffset to)
        {
            var (days, hours, rest) = (new List<DateOnly>(), new List<DateTimeOffset>(), new List<(DateTimeOffset, DateTimeOffset)>());
            for (var at = from.ToUniversalTime(); at < to;)
            {
                if (at.TimeOfDay == TimeSpan.Zero && at.AddDays(1) <= to)
                {
                    days.Add(DateOnly.FromDateTime(at.DateTime));
                    at = at.AddDays(1);
                    continue;
                }

                var hour = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerHour));
                var end = hour.AddHours(1) <= to ? hour.AddHours(1) : to;
                if (hour == at && end == hour.AddHours(1))
                {
                    hours.Add(hour);
                }
                else
                {
                    rest.Add((at, end));
                }

                at = end;
            }

            return new Span(days, hours, rest);
        }

        /// <summary>Every day (UTC) that has a part in it.</summary>
        public static IEnumerable<DateOnly> DaysOf(DateTimeOffset from, DateTimeOffset to)
        {
            for (var day = DateOnly.FromDateTime(from.UtcDateTime); day.ToDateTime(TimeOnly.MinValue) < to.UtcDateTime; day = day.AddDays(1))
            {
                yield return day;
            }
        }
    }
}
