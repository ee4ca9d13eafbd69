using System.Globalization;
using Dub.Clerk.Conversions;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Analytics;

/// <summary>Sums over events, so that a question about a year reads no events. For all links and for each link there are, per shard and day (UTC):
/// the totals of every quarter of an hour, since every time zone begins its days on one; and, per day and per hour, the totals of every value of
/// every dimension, in groups that are read apart.</summary>
/// <remarks>Events wait in a queue and are summed up by whoever reads next, or after a moment by any process; so recording one stays cheap, and who
/// reads sees everything that was recorded before.</remarks>
internal sealed class Rollup(StoreConnection store, EventLog events)
{
    public static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    /// <summary>The scope of all links.</summary>
    public const string AllLinks = "all";

    /// <summary>How many events are summed up by one script.</summary>
    private const int Batch = 200;

    private static readonly StoreScript FoldScript = new("rollup-fold-n");

    public static string OfLink(string linkId) => "link:" + linkId;

    public static string QuartersOf(string scope, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{scope}:{day:yyyyMMdd}:quarters");

    public static string DayOf(string scope, DimensionGroup group, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{scope}:{day:yyyyMMdd}:{group}");

    public static string HourOf(string scope, DimensionGroup group, DateTimeOffset hour)
        => string.Create(CultureInfo.InvariantCulture, $"{scope}:{hour.UtcDateTime:yyyyMMdd'T'HH}:{group}");

    /// <summary>Sums up what is in the queues now.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task FoldAsync(CancellationToken cancellationToken)
    {
        var lengths = await store.RunAsync(database => Task.WhenAll(Enumerable.Range(0, StoreKeys.Shards).Select(shard => database.ListLengthAsync(store.Keys.RollupQueue(shard)))));
        await Task.WhenAll(lengths.Select((length, shard) => FoldAsync(shard, length, cancellationToken)));
    }

    private async Task FoldAsync(int shard, long length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var queued = await store.RunAsync((database, key) => database.ListRangeAsync(key, 0, Batch - 1), store.Keys.RollupQueue(shard));
            if (queued.Length == 0)
            {
                return;
            }

            // Where another process was quicker, what it took off is not known: it may have been less.
            length -= await FoldAsync(shard, queued) ? queued.Length : 0;
        }
    }

    /// <returns>False when another process was quicker.</returns>
    private async Task<bool> FoldAsync(int shard, RedisValue[] queued)
    {
        var sums = new Dictionary<string, Dictionary<string, long>>(StringComparer.Ordinal);
        foreach (var one in await events.FindAsync([.. queued.Select(Parse)]))
        {
            if (one is not null)
            {
                var fields = Dimensions.All.Select(dimension => (Group: Dimensions.GroupOf(dimension), Value: Dimensions.Of(one.Click, dimension), Dimension: dimension))
                    .Where(field => field.Value.Length > 0).Select(field => (field.Group, Name: Field(field.Dimension, field.Value))).ToList();
                Add(sums, AllLinks, one, fields);
                Add(sums, OfLink(one.Click.LinkId), one, fields);
            }
        }

        List<RedisKey> keys = [store.Keys.RollupQueue(shard)];
        List<RedisValue> arguments = [queued.Length, queued[0], queued[^1], (long)EventLog.EventRetention.TotalMilliseconds];
        foreach (var (name, fields) in sums)
        {
            keys.Add(store.Keys.Rollup(shard, name));
            arguments.Add(fields.Count);
            arguments.AddRange(fields.Keys.Select(field => (RedisValue)field));
            arguments.AddRange(fields.Values.Select(sum => (RedisValue)sum));
        }

        return (int)await FoldScript.RunAsync(store, [.. keys], [.. arguments]) == 1;
    }

    private static void Add(
        Dictionary<string, Dictionary<string, long>> sums, string scope, LoggedEvent one, IReadOnlyList<(DimensionGroup Group, string Name)> fields)
    {
        var (day, totals) = (DateOnly.FromDateTime(one.Timestamp.UtcDateTime), Totals.Of(one));
        var quarter = (int)(one.Timestamp.UtcDateTime.TimeOfDay.Ticks / Quarter.Ticks);
        Add(SumsOf(QuartersOf(scope, day)), quarter.ToString(CultureInfo.InvariantCulture), totals);
        foreach (var group in fields.GroupBy(field => field.Group))
        {
            // A link's own name and domain say nothing new in its sums.
            if (scope != AllLinks && group.Key == DimensionGroup.Links)
            {
                continue;
            }

            var (ofDay, ofHour) = (SumsOf(DayOf(scope, group.Key, day)), SumsOf(HourOf(scope, group.Key, one.Timestamp)));
            foreach (var (_, name) in group)
            {
                Add(ofDay, name, totals);
                Add(ofHour, name, totals);
            }
        }

        Dictionary<string, long> SumsOf(string name)
        {
            if (!sums.TryGetValue(name, out var sum))
            {
                sums.Add(name, sum = new Dictionary<string, long>(StringComparer.Ordinal));
            }

            return sum;
        }
    }

    /// <summary>What follows the letter of the count.</summary>
    public static string Field(Dimension dimension, string value) => string.Create(CultureInfo.InvariantCulture, $"{(int)dimension}={value}");

    private static void Add(Dictionary<string, long> fields, string field, Totals totals)
    {
        AddTo('c', totals.Clicks);
        AddTo('l', totals.Leads);
        AddTo('s', totals.Sales);
        AddTo('a', totals.SaleAmount);

        void AddTo(char count, long value)
        {
            if (value != 0)
            {
                var name = count + field;
                fields[name] = fields.GetValueOrDefault(name) + value;
            }
        }
    }

    private static (EventKind Kind, string Id) Parse(RedisValue queued)
    {
        var (text, at) = ((string)queued!, ((string)queued!).IndexOf(':', StringComparison.Ordinal));
        return (Enum.Parse<EventKind>(text.AsSpan(0, at), ignoreCase: true), text[(at + 1)..]);
    }
}
