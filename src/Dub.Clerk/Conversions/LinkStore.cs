using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Short links, found by id, by domain and key (case-insensitive, as Dub's), by external id, or by target. A link and its places in the
/// indexes change in one script, and only if nothing happened to it since it was read; what only one link may have is a <see cref="LinkClaim"/>.</summary>
internal sealed class LinkStore(StoreConnection store)
{
    private const int TargetBatch = 100;

    /// <summary>How long an upsert may take before another one stops waiting for it.</summary>
    private static readonly TimeSpan UpsertLease = TimeSpan.FromSeconds(10);

    private static readonly StoreScript Save = new("link-save-8");
    private static readonly StoreScript Delete = new("link-delete-4");
    private static readonly StoreScript Release = new("claim-release-1");

    /// <summary>This process changed or deleted a link, which was so before.</summary>
    public event Action<Link>? Changed;

    /// <summary>Stores a new link.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<LinkOutcome> CreateAsync(Link link)
    {
        var name = LinkClaim.OfName(store, link.Name);
        if (await name.TakeAsync(link.Id) is not { } nameClaim)
        {
            return LinkOutcome.KeyTaken;
        }

        var externalId = link.ExternalId is null ? null : LinkClaim.OfExternalId(store, link.ExternalId);
        var externalIdClaim = externalId is null ? null : await externalId.TakeAsync(link.Id);
        if (externalId is not null && externalIdClaim is null)
        {
            await name.ReleaseAsync(nameClaim);
            return LinkOutcome.ExternalIdTaken;
        }

        await AddTargetAsync(link);
        if (await SaveAsync(link, null))
        {
            return LinkOutcome.Written;
        }

        // Somebody who wants one of the names saw neither link nor life, and has given this one up.
        await name.ReleaseAsync(nameClaim);
        if (externalIdClaim is not null)
        {
            await externalId!.ReleaseAsync(externalIdClaim);
        }

        return LinkOutcome.KeyTaken;
    }

    /// <summary>Changes a link.</summary>
    /// <param name="linkId">Which.</param>
    /// <param name="change">From what the link is to what it shall be. Called again when somebody else changed it meanwhile.</param>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<(LinkOutcome Outcome, Link? Link)> UpdateAsync(string linkId, Func<Link, Link> change)
    {
        while (true)
        {
            if (await ReadAsync(linkId) is not { } stored)
            {
                return (LinkOutcome.NotFound, null);
            }

            var (before, link) = (stored.Link, change(stored.Link));
            var name = await MoveAsync(linkId, before.Name, link.Name, LinkClaim.OfName);
            if (name.IsTaken)
            {
                return (LinkOutcome.KeyTaken, null);
            }

            var externalId = await MoveAsync(linkId, before.ExternalId, link.ExternalId, LinkClaim.OfExternalId);
            if (externalId.IsTaken)
            {
                await name.AbandonAsync();
                return (LinkOutcome.ExternalIdTaken, null);
            }

            if (link.Url != before.Url)
            {
                await AddTargetAsync(link);
            }

            if (await SaveAsync(link, stored))
            {
                await name.CompleteAsync();
                await externalId.CompleteAsync();
                Changed?.Invoke(before);
                return (LinkOutcome.Written, link);
            }
        }
    }

    /// <summary>Deletes a link. Its clicks and leads stay.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> DeleteAsync(string linkId)
    {
        while (await ReadAsync(linkId) is { } stored)
        {
            var name = await MoveAsync(linkId, stored.Link.Name, null, LinkClaim.OfName);
            var externalId = await MoveAsync(linkId, stored.Link.ExternalId, null, LinkClaim.OfExternalId);
            if ((int)await Delete.RunAsync(store, [store.Keys.Link(linkId), .. LinkIndexes.KeysOf(store.Keys, stored.Link)], [stored.Revision, linkId]) == 1)
            {
                await store.RunAsync(database => database.SortedSetRemoveAsync(store.Keys.LinksTo(HashOf(stored.Link.Url)), linkId));
                await name.CompleteAsync();
                await externalId.CompleteAsync();
                Changed?.Invoke(stored.Link);
                return true;
            }
        }

        return false;
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Link?> FindAsync(string domain, string key)
    {
        var name = Link.NameOf(domain, key);
        return await FindByClaimAsync(LinkClaim.OfName(store, name)) is { } link && link.Name == name ? link : null;
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Link?> FindByExternalIdAsync(string externalId)
        => await FindByClaimAsync(LinkClaim.OfExternalId(store, externalId)) is { } link && link.ExternalId == externalId ? link : null;

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Link?> FindByIdAsync(string linkId) => (await ReadAsync(linkId))?.Link;

    /// <summary>These links, in this order, without those that are gone.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<Link>> FindAsync(IEnumerable<string> linkIds)
    {
        var found = await store.RunAsync(database => Task.WhenAll(linkIds.Select(id => database.HashGetAsync(store.Keys.Link(id), "json", flags: CommandFlags.DemandMaster))));
        return [.. found.Where(json => !json.IsNull).Select(Parse)];
    }

    /// <summary>The oldest link that leads to exactly this target; null when there is none.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Link?> FindByTargetAsync(string url)
    {
        for (var skip = 0; ; skip += TargetBatch)
        {
            var ids = await store.RunAsync(database => database.SortedSetRangeByRankAsync(store.Keys.LinksTo(HashOf(url)), skip, skip + TargetBatch - 1, flags: CommandFlags.DemandMaster));
            var found = (await FindAsync(ids.Select(id => (string)id!))).FirstOrDefault(link => link.Url == url);
            if (found is not null || ids.Length < TargetBatch)
            {
                return found;
            }
        }
    }

    /// <summary>Lets one caller at a time look for a link to this target and create it where there is none.</summary>
    /// <returns>To be disposed of afterwards; null when somebody else is at it.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IAsyncDisposable?> TryEnterUpsertAsync(string url)
    {
        var (key, token) = (store.Keys.LinkUpsert(HashOf(url)), RandomNumberGenerator.GetHexString(16));
        return await store.RunAsync(database => database.StringSetAsync(key, token, UpsertLease, when: When.NotExists)) ? new Turn(store, key, token) : null;
    }

    /// <summary>What the link has brought, over all shards.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<LinkCounters> CountAsync(string linkId)
    {
        var shards = await store.RunAsync(database => Task.WhenAll(Enumerable.Range(0, StoreKeys.Shards).Select(shard =>
            database.HashGetAsync(store.Keys.LinkCounters(shard, linkId), ["clicks", "leads", "conversions", "sales", "sale_amount", "last_clicks"], flags: CommandFlags.DemandMaster))));
        var last = shards.Max(shard => Number(shard[5]));
        return new LinkCounters(Sum(0), Sum(1), Sum(2), Sum(3), Sum(4), last == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(last));

        long Sum(int field) => shards.Sum(shard => Number(shard[field]));

        static long Number(RedisValue value) => value.IsNull ? 0 : long.Parse((string)value!, CultureInfo.InvariantCulture);
    }

    private async Task<StoredLink?> ReadAsync(string linkId)
    {
        var fields = await store.RunAsync(database => database.HashGetAsync(store.Keys.Link(linkId), ["json", "revision"], flags: CommandFlags.DemandMaster));
        return fields[0].IsNull ? null : new StoredLink(Parse(fields[0]), fields[1]);
    }

    private async Task<Link?> FindByClaimAsync(LinkClaim claim)
        => await claim.ReadAsync() is { } said ? await FindByIdAsync(LinkClaim.OwnerOf(said)) : null;

    private async Task<bool> SaveAsync(Link link, StoredLink? stored)
    {
        var entered = LinkIndexes.KeysOf(store.Keys, link);
        var left = stored is { } before ? LinkIndexes.KeysOf(store.Keys, before.Link) : entered;
        return (int)await Save.RunAsync(
            store,
            [store.Keys.Link(link.Id), .. left, .. entered, store.Keys.LinkDomains(StoreKeys.ShardOf(link.Id))],
            [
                stored?.Revision ?? RedisValue.EmptyString, link.Id, JsonSerializer.SerializeToUtf8Bytes(link, ConversionsJsonContext.Default.Link), link.Name,
                link.ExternalId ?? string.Empty, link.Domain,
            ]) == 1;
    }

    /// <summary>Before the link is written: an entry that leads nowhere is harmless, a link that is not found is not. Entries of targets that a
    /// link had before stay until it is deleted, and are looked through.</summary>
    private Task AddTargetAsync(Link link)
        => store.WriteAsync("ZADD", store.Keys.LinksTo(HashOf(link.Url)), 0, link.Id);

    private async Task<Move> MoveAsync(string linkId, string? from, string? to, Func<StoreConnection, string, LinkClaim> claimOf)
    {
        if (from == to)
        {
            return default;
        }

        var released = from is null ? null : claimOf(store, from);
        var said = released is null ? null : await released.ReadAsync();
        var wanted = to is null ? null : claimOf(store, to);
        var taken = wanted is null ? null : await wanted.TakeAsync(linkId);
        return new Move(
            said is not null && LinkClaim.OwnerOf(said) == linkId ? released : null, said, wanted, taken);
    }

    private static Link Parse(RedisValue json) => JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, ConversionsJsonContext.Default.Link)!;

    private static string HashOf(string url) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)));

    private readonly record struct StoredLink(Link Link, RedisValue Revision);

    /// <summary>From one claim to another: the new one is taken first, the old one released once the link holds the new one.</summary>
    private readonly record struct Move(LinkClaim? Old, string? OldClaim, LinkClaim? New, string? NewClaim)
    {
        public bool IsTaken => New is not null && NewClaim is null;

        public Task CompleteAsync() => Old is null ? Task.CompletedTask : Old.ReleaseAsync(OldClaim!);

        public Task AbandonAsync() => New is null ? Task.CompletedTask : New.ReleaseAsync(NewClaim!);
    }

    private sealed class Turn(StoreConnection store, RedisKey key, string token) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Release.RunAsync(store, [key], [token]);
    }
}
