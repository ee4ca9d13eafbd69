using System.Globalization;
using System.Text.Json;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Short links, found by domain and key (case-insensitive, as Dub's) or by id.</summary>
internal sealed class LinkStore(StoreConnection store)
{
    /// <summary>Stores a new link.</summary>
    /// <returns>False when the domain has a link with this key already.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> TryCreateAsync(Link link)
    {
        // Address first: one that leads nowhere is harmless, a link that no id leads to is not.
        var address = store.Keys.LinkAddress(link.Id);
        await store.RunAsync(database => database.StringSetAsync(address, $"{link.Domain}/{link.Key}"));
        var json = JsonSerializer.SerializeToUtf8Bytes(link, ConversionsJsonContext.Default.Link);
        var created = await store.RunAsync(database => database.StringSetAsync(KeyOf(link.Domain, link.Key), json, when: When.NotExists));
        if (!created)
        {
            await store.RunAsync(database => database.KeyDeleteAsync(address));
        }

        return created;
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Link?> FindAsync(string domain, string key)
    {
        var json = await store.RunAsync((database, name) => database.StringGetAsync(name), KeyOf(domain, key));
        return json.IsNull ? null : JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, ConversionsJsonContext.Default.Link);
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Link?> FindByIdAsync(string linkId)
    {
        var address = (string?)await store.RunAsync(database => database.StringGetAsync(store.Keys.LinkAddress(linkId)));
        return address?.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && await FindAsync(address[..slash], address[(slash + 1)..]) is { } link && link.Id == linkId
            ? link
            : null;
    }

    /// <summary>What the link has brought, over all shards.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<LinkCounters> CountAsync(string linkId)
    {
        var shards = await store.RunAsync(database => Task.WhenAll(Enumerable.Range(0, StoreKeys.Shards).Select(shard =>
            database.HashGetAsync(store.Keys.LinkCounters(shard, linkId), ["clicks", "leads", "last_clicks"]))));
        var last = shards.Max(shard => Number(shard[2]));
        return new LinkCounters(shards.Sum(shard => Number(shard[0])), shards.Sum(shard => Number(shard[1])),
            last == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(last));

        static long Number(RedisValue value) => value.IsNull ? 0 : long.Parse((string)value!, CultureInfo.InvariantCulture);
    }

    private RedisKey KeyOf(string domain, string key) => store.Keys.Link(domain.ToLowerInvariant(), key.ToLowerInvariant());
}
