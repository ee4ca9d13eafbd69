using System.Runtime.CompilerServices;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Lists and counts links from the indexes. Only a search, or a domain and a tenant at once, reads links that it does not list.</summary>
internal sealed class LinkList(StoreConnection store, LinkStore links)
{
    /// <summary>How many links can be ordered by what they have brought: their counters are read for it.</summary>
    public const int MaxRanked = 10_000;

    private const int Batch = 200;

    /// <summary>Newest first.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<Link>> ListAsync(LinkQuery query, int skip, int take, CancellationToken cancellationToken)
    {
        if (query.IsIndexed)
        {
            return await links.FindAsync((await IdsAsync(query, null, Order.Descending, skip + take)).Skip(skip));
        }

        return await MatchAsync(query, null, Order.Descending, cancellationToken).Skip(skip).Take(take).ToListAsync(cancellationToken);
    }

    /// <summary>Those next to a link, newest first: older ones after it, or newer ones before it.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<Link>> ListNextToAsync(LinkQuery query, string linkId, bool newer, int take, CancellationToken cancellationToken)
    {
        var order = newer ? Order.Ascending : Order.Descending;
        var found = await MatchAsync(query, linkId, order, cancellationToken).Take(take).ToListAsync(cancellationToken);
        if (newer)
        {
            found.Reverse();
        }

        return found;
    }

    /// <summary>Those with the highest rank first, newest first among equals.</summary>
    /// <returns>Null when there are more than <see cref="MaxRanked"/>.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<Link>?> ListByAsync(
        LinkQuery query, Func<LinkCounters, long> rank, int skip, int take, CancellationToken cancellationToken)
    {
        var ids = await IdsAsync(query, null, Order.Descending, MaxRanked + 1);
        if (ids.Count > MaxRanked)
        {
            return null;
        }

        var ranked = new List<(string Id, long Rank)>(ids.Count);
        foreach (var batch in ids.Chunk(Batch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ranked.AddRange((await Task.WhenAll(batch.Select(links.CountAsync))).Zip(batch, (counters, id) => (id, rank(counters))));
        }

        var ordered = ranked.OrderByDescending(link => link.Rank).ThenByDescending(link => link.Id, StringComparer.Ordinal).Select(link => link.Id);
        if (query.IsIndexed)
        {
            return await links.FindAsync(ordered.Skip(skip).Take(take));
        }

        return await MatchAsync(query, ordered.Chunk(Batch).ToAsyncEnumerable(), cancellationToken).Skip(skip).Take(take).ToListAsync(cancellationToken);
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<long> CountAsync(LinkQuery query, CancellationToken cancellationToken)
        => query.IsIndexed
            ? (await store.RunAsync(database => Task.WhenAll(IndexesOf(query).Select(index => database.SortedSetLengthAsync(index, flags: CommandFlags.DemandMaster))))).Sum()
            : await MatchAsync(query, null, Order.Descending, cancellationToken).LongCountAsync(cancellationToken);

    /// <summary>How many there are on each domain, most first.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<(string Domain, long Count)>> CountByDomainAsync(LinkQuery query, CancellationToken cancellationToken)
    {
        IEnumerable<string> domains = query.Domain is { } one
            ? [one]
            : (await store.RunAsync(database => Task.WhenAll(Enumerable.Range(0, StoreKeys.Shards).Select(shard =>
                database.HashKeysAsync(store.Keys.LinkDomains(shard), flags: CommandFlags.DemandMaster))))).SelectMany(names => names).Select(name => (string)name!).Distinct();
        var counts = new List<(string Domain, long Count)>();
        foreach (var domain in domains)
        {
            counts.Add((domain, await CountAsync(query with { Domain = domain }, cancellationToken)));
        }

        return [.. counts.Where(domain => domain.Count > 0).OrderByDescending(domain => domain.Count).ThenBy(domain => domain.Domain, StringComparer.Ordinal)];
    }

    private IAsyncEnumerable<Link> MatchAsync(LinkQuery query, string? from, Order order, CancellationToken cancellationToken)
        => MatchAsync(query, BatchesAsync(query, from, order), cancellationToken);

    private async IAsyncEnumerable<Link> MatchAsync(
        LinkQuery query, IAsyncEnumerable<string[]> batches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in batches.WithCancellation(cancellationToken))
        {
            foreach (var link in (await links.FindAsync(batch)).Where(query.Matches))
            {
                yield return link;
            }
        }
    }

    private async IAsyncEnumerable<string[]> BatchesAsync(LinkQuery query, string? from, Order order)
    {
        while (true)
        {
            var ids = await IdsAsync(query, from, order, Batch);
            if (ids.Count > 0)
            {
                yield return [.. ids];
            }

            if (ids.Count < Batch)
            {
                yield break;
            }

            from = ids[^1];
        }
    }

    /// <summary>Ids of an index in order, over all shards, from one on that is not among them.</summary>
    private async Task<IReadOnlyList<string>> IdsAsync(LinkQuery query, string? from, Order order, int take)
    {
        var (min, max) = order == Order.Ascending ? (from, (string?)null) : (null, from);
        var shards = await store.RunAsync(database => Task.WhenAll(IndexesOf(query).Select(index =>
            database.SortedSetRangeByValueAsync(index, min ?? RedisValue.Null, max ?? RedisValue.Null, Exclude.Both, order, 0, take, flags: CommandFlags.DemandMaster))));
        var ids = shards.SelectMany(ids => ids).Select(id => (string)id!);
        return [.. (order == Order.Ascending ? ids.Order(StringComparer.Ordinal) : ids.OrderDescending(StringComparer.Ordinal)).Take(take)];
    }

    private IEnumerable<RedisKey> IndexesOf(LinkQuery query)
        => from shard in Enumerable.Range(0, StoreKeys.Shards)
           from archived in Enumerable.Range(0, query.WithArchived ? 2 : 1)
           select store.Keys.LinkIndex(shard, LinkIndexes.Scope(query.Index, archived == 1));
}
