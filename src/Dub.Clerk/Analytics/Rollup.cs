using System.Globalization;
using System.Runtime.InteropServices;
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
        foreach (var (name, totals) in sums.Hashes.Where(hash => hash.Value.Count > 0))
        {
            var fields = Fields(totals);
            keys.Add(store.Keys.Rollup(shard, name));
            arguments.Add(fields.Count);
            arguments.AddRange(fields.Select(field => (RedisValue)field.Name));
            arguments.AddRange(fields.Select(field => (RedisValue)field.Value));
        }

        return (int)await FoldScript.RunAsync(store, [.. keys], [.. arguments]) == 1;
    }

    /// <summary>What follows the letter of the count.</summary>
    public static string Field(Dimension dimension, string value) => string.Create(CultureInfo.InvariantCulture, $"{(int)dimension}={value}");

    private static List<(string Name, long Value)> Fields(Dictionary<string, Totals> totals)
    {
        var fields = new List<(string Name, long Value)>(totals.Count);
        foreach (var (name, total) in totals)
        {
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

    private static (EventKind Kind, string Id) Parse(RedisValue queued)
    {
        var (text, at) = ((string)queued!, ((string)queued!).IndexOf(':', StringComparison.Ordinal));
        return (Enum.Parse<EventKind>(text.AsSpan(0, at), ignoreCase: true), text[(at + 1)..]);
    }

    /// <summary>What a batch of events adds to which hash.</summary>
    private sealed class Sums
    {
        private readonly Dictionary<string, Dictionary<string, Totals>> _hashes = new(StringComparer.Ordinal);
        private readonly Dictionary<(string Scope, DateTimeOffset Hour), Places> _places = [];

        public IReadOnlyDictionary<string, Dictionary<string, Totals>> Hashes => _hashes;

        public void Add(LoggedEvent one)
        {
            var totals = Totals.Of(one);
            var time = one.Timestamp.UtcDateTime;
            var quarter = (time.TimeOfDay.Ticks / Quarter.Ticks).ToString(CultureInfo.InvariantCulture);
            var (all, link) = (PlacesOf(AllLinks, time), PlacesOf(OfLink(one.Click.LinkId), time));
            Add(all.Quarters, quarter, totals);
            Add(link.Quarters, quarter, totals);
            foreach (var dimension in Dimensions.All)
            {
                if (Dimensions.Of(one.Click, dimension) is not { Length: > 0 } value)
                {
                    continue;
                }

                var (name, group) = (Field(dimension, value), (int)Dimensions.GroupOf(dimension));
                Add(all.OfDay[group], name, totals);
                Add(all.OfHour[group], name, totals);

                // A link's own name and domain say nothing new in its sums.
                if (group != (int)DimensionGroup.Links)
                {
                    Add(link.OfDay[group], name, totals);
                    Add(link.OfHour[group], name, totals);
                }
            }
        }

        private static void Add(Dictionary<string, Totals> sums, string name, Totals totals)
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, name, out _);
            sum += totals;
        }

        /// <summary>Named once for all events of an hour: names cost more than sums.</summary>
        private Places PlacesOf(string scope, DateTime time)
        {
            var hour = new DateTimeOffset(time.Date.AddHours(time.Hour), TimeSpan.Zero);
            if (!_places.TryGetValue((scope, hour), out var places))
            {
                var day = DateOnly.FromDateTime(time);
                var groups = Enum.GetValues<DimensionGroup>();
                _places[(scope, hour)] = places = new Places(
                    SumsOf(QuartersOf(scope, day)), Array.ConvertAll(groups, group => SumsOf(DayOf(scope, group, day))), Array.ConvertAll(groups, group => SumsOf(HourOf(scope, group, hour))));
            }

            return places;
        }

        private Dictionary<string, Totals> SumsOf(string hash)
        {
            if (!_hashes.TryGetValue(hash, out var sums))
            {
                _hashes.Add(hash, sums = new Dictionary<string, Totals>(StringComparer.Ordinal));
            }

            return sums;
        }

        /// <param name="Quarters">Of the day.</param>
        /// <param name="OfDay">By group.</param>
        /// <param name="OfHour">By group.</param>
        private sealed record Places(Dictionary<string, Totals> Quarters, Dictionary<string, Totals>[] OfDay, Dictionary<string, Totals>[] OfHour);
    }
}
