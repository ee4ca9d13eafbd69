using System.Globalization;
using System.Runtime.InteropServices;
using Dub.Clerk.Conversions;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Analytics;

/// <summary>Sums over events, so that a question about a year reads no events. For all links and for each link there are, per shard and day (UTC):
/// the totals of every quarter of an hour, since every time zone begins its days on one; and, per day and per hour, the totals of every value of
/// every dimension, in groups that are read apart.</summary>
/// <remarks>Events wait in a queue and are summed up by whoever reads next, or after a moment by any process; so recording one stays cheap, and who
/// reads sees everything that was recorded before.</remarks>
internal sealed class Rollup(StoreConnection store, EventLog events, DubClerkMetrics metrics)
{
    public static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    /// <summary>The scope of all links.</summary>
    public const string AllLinks = "all";

    /// <summary>How many events are summed up by one script.</summary>
    private const int Batch = 500;

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
        var lengths = await store.RunAsync(database => Task.WhenAll(Enumerable.Range(0, StoreKeys.Shards).Select(shard =>
            database.ListLengthAsync(store.Keys.RollupQueue(shard), flags: CommandFlags.DemandMaster))));
        metrics.RollupMeasured(lengths.Sum());
        await Task.WhenAll(lengths.Select((length, shard) => FoldAsync(shard, length, cancellationToken)));
    }

    private async Task FoldAsync(int shard, long length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var queued = await store.RunAsync((database, key) => database.ListRangeAsync(key, 0, Batch - 1, flags: CommandFlags.DemandMaster), store.Keys.RollupQueue(shard));
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
        var sums = new Sums();
        foreach (var one in await events.FindAsync(Array.ConvertAll(queued, Parse)))
        {
            if (one is not null)
            {
                sums.Add(one);
            }
        }

        List<RedisKey> keys = [store.Keys.RollupQueue(shard)];
        List<RedisValue> arguments = [queued.Length, queued[0], queued[^1], (long)EventLog.EventRetention.TotalMilliseconds];
        foreach (var (name, fields) in sums.Hashes())
        {
            keys.Add(store.Keys.Rollup(shard, name));
            arguments.Add(fields.Count);
            arguments.AddRange(fields.Select(field => (RedisValue)field.Name));
            arguments.AddRange(fields.Select(field => (RedisValue)field.Value));
        }

        return (int)await FoldScript.RunAsync(store, [.. keys], [.. arguments]) == 1;
    }

    /// <summary>What follows the letter of the count.</summary>
    public static string Field(Dimension dimension, string value) => string.Create(CultureInfo.InvariantCulture, $"{(int)dimension}={value}");

    private static (EventKind Kind, string Id) Parse(RedisValue queued)
    {
        var (text, at) = ((string)queued!, ((string)queued!).IndexOf(':', StringComparison.Ordinal));
        return (Enum.Parse<EventKind>(text.AsSpan(0, at), ignoreCase: true), text[(at + 1)..]);
    }

    /// <summary>What a batch of events adds to which hash. An event is counted in the hour of its link; what is of the day, or of all links, is summed up
    /// from that when all are counted.</summary>
    private sealed class Sums
    {
        private readonly Dictionary<(string? Link, DateTime Hour), Counts> _hours = [];

        public void Add(LoggedEvent one)
        {
            var (totals, time) = (Totals.Of(one), one.Timestamp.UtcDateTime);
            var hour = time.Date.AddHours(time.Hour);
            var (all, link) = (Of(_hours, (null, hour)), Of(_hours, (one.Click.LinkId, hour)));
            Add(link.Quarters, (int)(time.TimeOfDay.Ticks / Quarter.Ticks), totals);
            foreach (var dimension in Dimensions.All)
            {
                if (Dimensions.Of(one.Click, dimension) is { Length: > 0 } value)
                {
                    // A link's own name and domain say nothing new in its sums.
                    var group = Dimensions.GroupOf(dimension);
                    Add((group == DimensionGroup.Links ? all : link).Groups[(int)group], (dimension, value), totals);
                }
            }
        }

        /// <summary>The name of each hash, and what is added to its fields. To be asked for once.</summary>
        public IEnumerable<(string Name, List<(string Name, long Value)> Fields)> Hashes()
        {
            foreach (var ((_, hour), counts) in _hours.Where(of => of.Key.Link is not null).ToList())
            {
                Of(_hours, (null, hour)).Add(counts);
            }

            var days = new Dictionary<(string? Link, DateOnly Day), Counts>();
            foreach (var ((link, hour), counts) in _hours)
            {
                Of(days, (link, DateOnly.FromDateTime(hour))).Add(counts);
            }

            var ofHours = _hours.SelectMany(of => Enum.GetValues<DimensionGroup>().Select(group =>
                (HourOf(ScopeOf(of.Key.Link), group, new DateTimeOffset(of.Key.Hour, TimeSpan.Zero)), Fields(of.Value.Groups[(int)group], NameOf))));
            var ofDays = days.SelectMany(of => Enum.GetValues<DimensionGroup>().Select(group =>
                (DayOf(ScopeOf(of.Key.Link), group, of.Key.Day), Fields(of.Value.Groups[(int)group], NameOf))));
            var quarters = days.Select(of =>
                (QuartersOf(ScopeOf(of.Key.Link), of.Key.Day), Fields(of.Value.Quarters, quarter => quarter.ToString(CultureInfo.InvariantCulture))));
            return ofHours.Concat(ofDays).Concat(quarters).Where(hash => hash.Item2.Count > 0);
        }

        private static string ScopeOf(string? link) => link is null ? AllLinks : OfLink(link);

        private static string NameOf((Dimension Dimension, string Value) field) => Field(field.Dimension, field.Value);

        private static Counts Of<TKey>(Dictionary<TKey, Counts> counts, TKey key)
            where TKey : notnull => CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _) ??= new Counts();

        private static void Add<TKey>(Dictionary<TKey, Totals> sums, TKey key, Totals totals)
            where TKey : notnull
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _);
            sum += totals;
        }

        private static List<(string Name, long Value)> Fields<TKey>(Dictionary<TKey, Totals> sums, Func<TKey, string> nameOf)
            where TKey : notnull
        {
            var fields = new List<(string Name, long Value)>(sums.Count);
            foreach (var (key, total) in sums)
            {
                var name = nameOf(key);
                Add('c', total.Clicks);
                Add('l', total.Leads);
                Add('s', total.Sales);
                Add('a', total.SaleAmount);

                void Add(char count, long value)
                {
                    if (value != 0)
                    {
                        fields.Add((count + name, value));
                    }
                }
            }

            return fields;
        }

        private sealed class Counts
        {
            public Dictionary<int, Totals> Quarters { get; } = [];

            public Dictionary<(Dimension Dimension, string Value), Totals>[] Groups { get; }
                = Array.ConvertAll(Enum.GetValues<DimensionGroup>(), _ => new Dictionary<(Dimension Dimension, string Value), Totals>());

            public void Add(Counts others)
            {
                foreach (var (quarter, totals) in others.Quarters)
                {
                    Sums.Add(Quarters, quarter, totals);
                }

                foreach (var (mine, its) in Groups.Zip(others.Groups))
                {
                    foreach (var (field, totals) in its)
                    {
                        Sums.Add(mine, field, totals);
                    }
                }
            }
        }
    }
}
