using System.Globalization;
using System.Security.Cryptography;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Outbox;

/// <summary>The outbox as the store has it: claiming, settling, looking.</summary>
internal sealed class OutboxStore(StoreConnection store, Tombstones tombstones, OutboxSignal signal, LiveOptions options, TimeProvider time)
{
    /// <summary>How long a claim lasts: longer than any attempt takes, so that nobody else has the item meanwhile.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static readonly StoreScript Claim = new("outbox-claim-4");
    private static readonly StoreScript Settle = new("outbox-settle-5");
    private static readonly StoreScript Replay = new("outbox-replay-4");
    private static readonly StoreScript Drop = new("outbox-drop-3");
    private static readonly StoreScript Add = new("outbox-add-4");
    private static readonly StoreScript Purge = new("outbox-purge-4");

    /// <summary>How long it is known what became of a delivery: as long as events are kept.</summary>
    private TimeSpan RecordRetention => options.Current.EventRetention;

    /// <summary>Claims what is due longest in a partition; null when nothing is.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<OutboxClaim?> ClaimAsync(OutboxDestination destination, int partition)
    {
        var (now, token) = (time.GetUtcNow(), RandomNumberGenerator.GetHexString(16, lowercase: true));
        var keys = store.Keys.Outbox(destination, partition);
        var claimed = (RedisValue[])(await Claim.RunAsync(store, [.. keys.OfItems, keys.Dead], [Milliseconds(now), Milliseconds(now + Lease), token]))!;
        return claimed.Length == 0
            ? null
            : new OutboxClaim
            {
                Destination = destination,
                Partition = partition,
                Lane = claimed[0]!,
                Item = OutboxItem.Parse(claimed[1]!),
                Token = token,
                State = claimed[2],
                Attempt = (int)claimed[3],
                IsConfirmed = claimed[4] == "1",
                Cause = claimed[5]!,
            };
    }

    /// <summary>Keeps the handler's JSON before it goes on, and renews the lease.</summary>
    /// <returns>False when the item is somebody else's by now; then nothing may be done.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<bool> KeepAsync(OutboxClaim claim, ReadOnlyMemory<byte> state)
        => SettleAsync(claim, "keep", state, time.GetUtcNow() + Lease, error: null);

    /// <returns>False when the item is somebody else's by now, and nothing was written.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<bool> SettleAsync(OutboxClaim claim, OutboxVerdict verdict) => verdict.Outcome switch
    {
        OutboxOutcome.Done => SettleAsync(claim, "done", verdict.State, time.GetUtcNow(), error: null),
        OutboxOutcome.Dead => SettleAsync(claim, "dead", verdict.State, time.GetUtcNow(), verdict.Error),
        _ => SettleAsync(claim, "retry", verdict.State, verdict.Due!.Value, verdict.Error, verdict.FailuresAfter(claim.Attempt)),
    };

    /// <summary>When the next lane of each partition falls due; null where there is none.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<DateTimeOffset?[]> NextDueAsync(OutboxDestination destination)
    {
        var first = await store.RunAsync(database => Task.WhenAll(Enumerable.Range(0, StoreKeys.Partitions).Select(partition =>
            database.SortedSetRangeByRankWithScoresAsync(store.Keys.Outbox(destination, partition).Lanes, 0, 0, flags: CommandFlags.DemandMaster))));
        return [.. first.Select(entries => entries.Length == 0 ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds((long)entries[0].Score))];
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<OutboxDepth> MeasureAsync(OutboxDestination destination)
    {
        var partitions = await store.RunAsync(database => Task.WhenAll(Enumerable.Range(0, StoreKeys.Partitions).Select(async partition =>
        {
            var keys = store.Keys.Outbox(destination, partition);
            var (waiting, oldest, dead) = (
                database.SortedSetLengthAsync(keys.Lanes, flags: CommandFlags.DemandMaster),
                database.SortedSetRangeByRankWithScoresAsync(keys.Since, 0, 0, flags: CommandFlags.DemandMaster),
                database.SortedSetLengthAsync(keys.Dead, flags: CommandFlags.DemandMaster));
            return (Waiting: await waiting, Oldest: (await oldest) is [var entry, ..] ? (long)entry.Score : (long?)null, Dead: await dead);
        })));
        var since = partitions.Min(partition => partition.Oldest);
        return new OutboxDepth(
            partitions.Sum(partition => partition.Waiting), since is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null, partitions.Sum(partition => partition.Dead));
    }

    /// <summary>What waits, longest first; or what was given up, latest first.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<OutboxEntry>> ListAsync(OutboxDestination destination, bool dead, int take)
    {
        var found = await store.RunAsync(database => Task.WhenAll(Enumerable.Range(0, StoreKeys.Partitions).Select(async partition =>
        {
            var keys = store.Keys.Outbox(destination, partition);
            return dead
                ? (await database.SortedSetRangeByRankWithScoresAsync(keys.Dead, 0, take - 1, Order.Descending, flags: CommandFlags.DemandMaster))
                    .Select(entry => (Partition: partition, entry.Score, Item: (string?)entry.Element))
                : (await Task.WhenAll((await database.SortedSetRangeByRankWithScoresAsync(keys.Since, 0, take - 1, flags: CommandFlags.DemandMaster)).Select(async entry =>
                    (Partition: partition, entry.Score, Item: ((string?)await database.HashGetAsync(keys.Items, "queue|" + entry.Element, flags: CommandFlags.DemandMaster))?.Split('\n')[0])))).AsEnumerable();
        })));
        var all = found.SelectMany(entries => entries).Where(entry => entry.Item is not null);
        var ordered = (dead ? all.OrderByDescending(entry => entry.Score) : all.OrderBy(entry => entry.Score)).Take(take);
        var entries = await Task.WhenAll(ordered.Select(entry => FindAsync(destination, entry.Partition, OutboxItem.Parse(entry.Item!))));
        return [.. entries.OfType<OutboxEntry>()];
    }

    /// <summary>What waits in a lane, in its order, and then what was given up of it.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<OutboxItem>> ListLaneAsync(OutboxDestination destination, string lane)
    {
        var keys = store.Keys.Outbox(destination, StoreKeys.PartitionOf(lane));
        var (queue, dead) = await store.RunAsync(async database =>
        {
            var (waiting, given) = (database.HashGetAsync(keys.Items, "queue|" + lane, flags: CommandFlags.DemandMaster), database.SortedSetRangeByRankAsync(keys.Dead, flags: CommandFlags.DemandMaster));
            return ((string?)await waiting, await given);
        });
        var lanes = dead.Length == 0
            ? []
            : await store.RunAsync(database => database.HashGetAsync(keys.Items, Array.ConvertAll(dead, item => (RedisValue)("lane|" + item)), flags: CommandFlags.DemandMaster));
        return [.. (queue?.Split('\n') ?? []).Concat(dead.Zip(lanes).Where(one => one.Second == lane).Select(one => (string)one.First!)).Distinct().Select(OutboxItem.Parse)];
    }

    /// <summary>An item that waits, was given up, or was delivered; null when nothing is known of it.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<OutboxEntry?> FindAsync(OutboxDestination destination, int partition, OutboxItem item)
    {
        var keys = store.Keys.Outbox(destination, partition);
        var fields = await store.RunAsync(database => database.HashGetAsync(
            keys.Items, [$"lane|{item}", $"state|{item}", $"attempts|{item}", $"error|{item}"], flags: CommandFlags.DemandMaster));
        if (fields[0].IsNull)
        {
            var record = await store.RunAsync(database => database.StringGetAsync(store.Keys.DeliveryRecord(partition, item.ToString()), flags: CommandFlags.DemandMaster));
            return record.IsNull ? null : new OutboxEntry(destination, partition, item, OutboxEntryState.Done, null, record, null, 0, null);
        }

        var (lane, died) = ((string)fields[0]!, await store.RunAsync(database => database.SortedSetScoreAsync(keys.Dead, item.ToString(), flags: CommandFlags.DemandMaster)));
        var due = died ?? await store.RunAsync(database => database.SortedSetScoreAsync(keys.Lanes, lane, flags: CommandFlags.DemandMaster));
        return new OutboxEntry(
            destination, partition, item, died is null ? OutboxEntryState.Waiting : OutboxEntryState.Dead, lane, fields[1],
            due is { } at ? DateTimeOffset.FromUnixTimeMilliseconds((long)at) : null, fields[2].IsNull ? 0 : (int)fields[2], fields[3]);
    }

    /// <summary>Has an item looked at now: a dead letter goes back into its lane.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="partition">Where it is kept.</param>
    /// <param name="item">The item.</param>
    /// <param name="confirmed">The receiver says that the work is done.</param>
    /// <returns>False when there is no such item.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> ReplayAsync(OutboxDestination destination, int partition, OutboxItem item, bool confirmed = false)
    {
        var keys = store.Keys.Outbox(destination, partition);
        var found = (int)await Replay.RunAsync(
            store, [.. keys.OfItems, keys.Dead], [item.ToString(), Milliseconds(time.GetUtcNow()), confirmed ? "1" : string.Empty]) == 1;
        if (found)
        {
            signal.Raise(destination, partition);
        }

        return found;
    }

    /// <summary>Gives a dead letter up for good.</summary>
    /// <returns>False when it is none.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> DropAsync(OutboxDestination destination, int partition, OutboxItem item, ReadOnlyMemory<byte> record)
    {
        var keys = store.Keys.Outbox(destination, partition);
        return (int)await Drop.RunAsync(
            store, [keys.Dead, keys.Items, store.Keys.DeliveryRecord(partition, item.ToString())], [item.ToString(), record, Milliseconds(RecordRetention)]) == 1;
    }

    /// <summary>Drops all work that stands in these lanes, dead letters too; who has claimed some of it can no longer settle it.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task PurgeAsync(OutboxDestination destination, int partition, IEnumerable<string> lanes)
    {
        var keys = store.Keys.Outbox(destination, partition);
        await Purge.RunAsync(store, [.. keys.OfItems, keys.Dead], [.. lanes.Select(lane => (RedisValue)lane)]);
    }

    /// <summary>Drops what is known of finished deliveries.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public Task ForgetRecordsAsync(int partition, IEnumerable<OutboxItem> items)
        => Task.WhenAll(items.Select(item => store.WriteAsync("DEL", store.Keys.DeliveryRecord(partition, item.ToString()))));

    /// <summary>Puts work into its lane that nothing else has put there, unless it is about somebody who was erased.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="lane">Whose it is.</param>
    /// <param name="item">The work.</param>
    /// <param name="state">The handler's JSON.</param>
    /// <param name="due">When it may be begun; at once when left out.</param>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task AddAsync(OutboxDestination destination, string lane, OutboxItem item, ReadOnlyMemory<byte> state, DateTimeOffset? due = null)
    {
        var partition = StoreKeys.PartitionOf(lane);
        var keys = store.Keys.Outbox(destination, partition);
        await Add.RunAsync(store, [.. keys.OfItems, await tombstones.KeyAsync(lane)], [lane, item.ToString(), state, Milliseconds(due ?? time.GetUtcNow()), Milliseconds(time.GetUtcNow())]);
        signal.Raise(destination, partition);
    }

    private async Task<bool> SettleAsync(OutboxClaim claim, string verdict, ReadOnlyMemory<byte> state, DateTimeOffset due, string? error, int failures = 0)
    {
        var keys = store.Keys.Outbox(claim.Destination, claim.Partition);
        var item = claim.Item.ToString();
        return (int)await Settle.RunAsync(
            store,
            [.. keys.OfItems, keys.Dead, store.Keys.DeliveryRecord(claim.Partition, item)],
            [
                claim.Lane, claim.Token, item, verdict, state.IsEmpty ? RedisValue.EmptyString : state, Milliseconds(due), Milliseconds(time.GetUtcNow()),
                Milliseconds(RecordRetention), error ?? string.Empty, failures,
            ]) == 1;
    }

    private static string Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan span) => ((long)span.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
