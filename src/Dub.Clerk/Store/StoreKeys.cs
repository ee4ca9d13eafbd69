using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>Every key in the store. What must change together shares a hash tag: <c>{p…}</c> for a customer and all that belongs to it,
/// <c>{s…}</c> for an event and the counters it moves.</summary>
internal sealed class StoreKeys
{
    /// <summary>Over how many slots customers are spread. Stored at first start; a store with another count is refused.</summary>
    public const int Partitions = 64;

    /// <summary>Over how many slots events are spread. Fewer than partitions, because a reader of events asks all of them.</summary>
    public const int Shards = 8;

    private readonly string _prefix;
    private readonly string[] _partitions;
    private readonly string[] _shards;
    private readonly OutboxKeys[][] _outboxes;

    public StoreKeys(string prefix)
    {
        _prefix = prefix;
        _partitions = [.. Enumerable.Range(0, Partitions).Select(i => $"{prefix}:{{p{i}}}:")];
        _shards = [.. Enumerable.Range(0, Shards).Select(i => $"{prefix}:{{s{i}}}:")];
        _outboxes = [.. Enum.GetNames<OutboxDestination>().Select(destination => _partitions.Select(p => new OutboxKeys($"{p}outbox:{destination.ToLowerInvariant()}")).ToArray())];
    }

    public RedisKey Meta => _prefix + ":meta";

    /// <summary>Written to see whether writing works.</summary>
    public RedisKey Probe => _prefix + ":probe";

    public static int PartitionOf(string externalId) => (int)(StableHash.Compute(externalId) % Partitions);

    public static int ShardOf(string eventId) => (int)(StableHash.Compute(eventId) % Shards);

    public RedisKey Customer(string externalId) => _partitions[PartitionOf(externalId)] + "customer:" + externalId;

    /// <summary>The ledger: which leads a customer has. Never expires.</summary>
    public RedisKey Leads(string externalId) => _partitions[PartitionOf(externalId)] + "leads:" + externalId;

    public RedisKey SignUp(string userId) => _partitions[PartitionOf(userId)] + "signup:" + userId;

    public OutboxKeys Outbox(OutboxDestination destination, int partition) => _outboxes[(int)destination][partition];

    /// <summary>What became of a finished delivery.</summary>
    public RedisKey DeliveryRecord(int partition, string item) => _partitions[partition] + "delivery:" + item;

    /// <summary>Which destinations somebody delivers to: name to time, Unix milliseconds.</summary>
    public RedisKey Destinations => _prefix + ":destinations";

    /// <summary>The pace of calls to a service, shared by all hosts.</summary>
    public RedisKey Budget(string service) => $"{_prefix}:budget:{service}";

    public RedisKey Click(string clickId) => _shards[ShardOf(clickId)] + "click:" + clickId;

    public RedisKey Event(string eventId) => _shards[ShardOf(eventId)] + "event:" + eventId;

    /// <summary>The events of one kind, day (UTC) and shard: id by time.</summary>
    public RedisKey EventIndex(int shard, string kind, DateOnly day) => $"{_shards[shard]}events:{kind}:{day:yyyyMMdd}";

    public RedisKey DayCounters(int shard, DateOnly day) => $"{_shards[shard]}counters:{day:yyyyMMdd}";

    public RedisKey LinkCounters(int shard, string linkId) => $"{_shards[shard]}link-counters:{linkId}";

    public RedisKey Link(string domain, string key) => $"{_prefix}:link:{domain}/{key}";

    /// <summary>Where the link with this id is: <c>domain/key</c>.</summary>
    public RedisKey LinkAddress(string linkId) => $"{_prefix}:link-address:{linkId}";
}
