using System.Globalization;
using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>Every key in the store. What must change together shares a slot, that of its shard <c>{s…}</c>: an event and the counters it moves, and a
/// customer with its leads, its sales and their events.</summary>
internal sealed class StoreKeys
{
    /// <summary>Over how many indexes and outboxes customers are spread, a multiple of the shards. Stored at first start; a store with another count is
    /// refused.</summary>
    public const int Partitions = 64;

    /// <summary>Over how many slots everything is spread, and so how many masters of a cluster have work. Few, because a reader of events asks all of
    /// them.</summary>
    public const int Shards = 8;

    private readonly string _prefix;
    private readonly string[] _partitions;
    private readonly string[] _shards;
    private readonly OutboxKeys[][] _outboxes;

    public StoreKeys(string prefix)
    {
        _prefix = prefix;
        _partitions = [.. Enumerable.Range(0, Partitions).Select(i => $"{prefix}:{{s{i % Shards}}}:p{i}:")];
        _shards = [.. Enumerable.Range(0, Shards).Select(i => $"{prefix}:{{s{i}}}:")];
        _outboxes = [.. Enum.GetNames<OutboxDestination>().Select(destination => _partitions.Select(p => new OutboxKeys($"{p}outbox:{destination.ToLowerInvariant()}")).ToArray())];
    }

    public RedisKey Meta => _prefix + ":meta";

    /// <summary>What every key matches, as a pattern of <c>SCAN</c>.</summary>
    public RedisValue Pattern => _prefix + ":*";

    /// <summary>Written to see whether writing works.</summary>
    public RedisKey Probe => _prefix + ":probe";

    public static int PartitionOf(string externalId) => (int)(StableHash.Compute(externalId) % Partitions);

    /// <summary>Of an event, or of a customer: that of its partition.</summary>
    public static int ShardOf(string id) => (int)(StableHash.Compute(id) % Shards);

    /// <summary>What a key of ours holds, such as <c>customer</c>, without whose it is.</summary>
    public string KindOf(RedisKey key)
    {
        var parts = key.ToString()[(_prefix.Length + 1)..].Split(':');
        var at = parts[0].StartsWith('{') ? 1 : 0;
        at += parts.Length > at + 1 && parts[at] is ['p', >= '0' and <= '9', ..] ? 1 : 0;
        return parts[Math.Min(at, parts.Length - 1)];
    }

    public RedisKey Customer(string externalId) => _partitions[PartitionOf(externalId)] + "customer:" + externalId;

    /// <summary>Where the customer with this id lives. The id is chosen so that it shares the slot.</summary>
    public RedisKey CustomerId(string customerId) => _partitions[PartitionOf(customerId)] + "customer-id:" + customerId;

    /// <summary>The customers of one scope and partition, ordered by id, which is the order of time.</summary>
    public RedisKey CustomerIndex(int partition, string scope) => $"{_partitions[partition]}customers:{scope}";

    /// <summary>That a sale has been counted for its customer.</summary>
    public RedisKey CustomerSale(string externalId, string saleId) => $"{_partitions[PartitionOf(externalId)]}sale:{saleId}";

    /// <summary>The sale that an invoice, named by its hash, was recorded as.</summary>
    public RedisKey Invoice(string invoiceHash) => $"{_prefix}:invoice:{invoiceHash}";

    /// <summary>The ledger: which leads a customer has. Never expires.</summary>
    public RedisKey Leads(string externalId) => _partitions[PartitionOf(externalId)] + "leads:" + externalId;

    /// <summary>That somebody, named by a keyed hash, was erased.</summary>
    public RedisKey Tombstone(string externalId, string hash) => _partitions[PartitionOf(externalId)] + "erased:" + hash;

    /// <summary>What the hashes of tombstones are keyed with.</summary>
    public RedisKey TombstoneSecret => _prefix + ":tombstone-secret";

    public RedisKey SignUp(string userId) => _partitions[PartitionOf(userId)] + "signup:" + userId;

    /// <summary>Where the sign-ups of a partition stand: user ids, by reason and time.</summary>
    public RedisKey SignUpIndex(int partition) => _partitions[partition] + "signups";

    public OutboxKeys Outbox(OutboxDestination destination, int partition) => _outboxes[(int)destination][partition];

    /// <summary>What became of a finished delivery.</summary>
    public RedisKey DeliveryRecord(int partition, string item) => _partitions[partition] + "delivery:" + item;

    /// <summary>What cookies of the dashboard are sealed with: a list, oldest first.</summary>
    public RedisKey DashboardKeys => _prefix + ":dashboard-keys";

    /// <summary>What is set for all links, whichever host is asked.</summary>
    public RedisKey LinkDefaults => _prefix + ":link-defaults";

    /// <summary>Which destinations somebody delivers to: name to time, Unix milliseconds.</summary>
    public RedisKey Destinations => _prefix + ":destinations";

    /// <summary>The pace of calls to a service, shared by all hosts.</summary>
    public RedisKey Budget(string service) => $"{_prefix}:budget:{service}";

    /// <summary>How many calls to the API a key, named by its hash, has made in the minute that ends then (Unix seconds).</summary>
    public RedisKey ApiCalls(uint keyHash, long minuteEnd) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}:api-calls:{keyHash:x8}:{minuteEnd}");

    /// <summary>Where it is said that there are new events: since when, Unix milliseconds.</summary>
    public RedisChannel EventNews => RedisChannel.Literal(_prefix + ":event-news");

    public RedisKey Click(string clickId) => _shards[ShardOf(clickId)] + "click:" + clickId;

    public RedisKey Event(string eventId) => _shards[ShardOf(eventId)] + "event:" + eventId;

    /// <summary>The events of one kind, day (UTC) and shard: id by time.</summary>
    public RedisKey EventIndex(int shard, string kind, DateOnly day) => $"{_shards[shard]}events:{kind}:{day:yyyyMMdd}";

    /// <summary>The events of a shard that the rollups do not have yet, oldest first.</summary>
    public RedisKey RollupQueue(int shard) => _shards[shard] + "rollup-queue";

    /// <summary>Sums over the events of a shard, a scope and a time.</summary>
    public RedisKey Rollup(int shard, string name) => $"{_shards[shard]}rollup:{name}";

    public RedisKey LinkCounters(int shard, string linkId) => $"{_shards[shard]}link-counters:{linkId}";

    /// <summary>The click that a visitor of a link has made already. It shares the slot of that click, whose id is chosen so.</summary>
    public RedisKey Visitor(int shard, string linkId, string visitor) => $"{_shards[shard]}visitor:{linkId}:{visitor}";

    /// <summary>A link: its JSON, its revision, and the names it holds.</summary>
    public RedisKey Link(string linkId) => _shards[ShardOf(linkId)] + "link:" + linkId;

    /// <summary>The links of one scope and shard, ordered by id, which is the order of time.</summary>
    public RedisKey LinkIndex(int shard, string scope) => $"{_shards[shard]}links:{scope}";

    /// <summary>Which domains the links of a shard are on, or were.</summary>
    public RedisKey LinkDomains(int shard) => _shards[shard] + "link-domains";

    /// <summary>Which link has this name (<c>domain/key</c>, lower case).</summary>
    public RedisKey LinkName(string name) => $"{_prefix}:link-name:{name}";

    /// <summary>Which link has this external id.</summary>
    public RedisKey LinkExternalId(string externalId) => $"{_prefix}:link-external-id:{externalId}";

    /// <summary>The links that lead, or led, to the target with this hash.</summary>
    public RedisKey LinksTo(string urlHash) => $"{_prefix}:links-to:{urlHash}";

    /// <summary>Who looks for a link to the target with this hash, to create one where there is none.</summary>
    public RedisKey LinkUpsert(string urlHash) => $"{_prefix}:link-upsert:{urlHash}";
}
