using System.Runtime.CompilerServices;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Lists and counts customers from the indexes.</summary>
internal sealed class CustomerList(StoreConnection store, CustomerStore customers)
{
    /// <summary>How many customers can be ordered by what they have bought: all of them are read for it.</summary>
    public const int MaxRanked = 10_000;

    private const int Batch = 200;

    /// <summary>By id, which is the order of creation.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<Customer>> ListAsync(CustomerQuery query, bool ascending, int skip, int take, CancellationToken cancellationToken)
        => await MatchAsync(query, null, ascending, cancellationToken).Skip(skip).Take(take).ToListAsync(cancellationToken);

    /// <summary>Those next to a customer: after it in the order, or before it.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<Customer>> ListNextToAsync(
        CustomerQuery query, Customer cursor, bool before, bool ascending, int take, CancellationToken cancellationToken)
    {
        var found = await MatchAsync(query, CustomerIndexes.Member(cursor.Id, cursor.Home), ascending != before, cancellationToken).Take(take).ToListAsync(cancellationToken);
        if (before)
        {
            found.Reverse();
        }

        return found;
    }

    /// <summary>By a rank, newest first among equals.</summary>
    /// <returns>Null when there are more than <see cref="MaxRanked"/>.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<Customer>?> ListByAsync(
        CustomerQuery query, Func<Customer, long> rank, bool ascending, int skip, int take, CancellationToken cancellationToken)
    {
        var all = await MatchAsync(query, null, ascending: false, cancellationToken).Take(MaxRanked + 1).ToListAsync(cancellationToken);
        return all.Count > MaxRanked ? null : [.. (ascending ? all.OrderBy(rank) : all.OrderByDescending(rank)).Skip(skip).Take(take)];
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<long> CountAsync(CustomerQuery query, CancellationToken cancellationToken)
        => query == new CustomerQuery()
            ? (await store.RunAsync(database => Task.WhenAll(IndexesOf(query).Select(index => database.SortedSetLengthAsync(index, flags: CommandFlags.DemandMaster))))).Sum()
            : await MatchAsync(query, null, ascending: true, cancellationToken).LongCountAsync(cancellationToken);

    private async IAsyncEnumerable<Customer> MatchAsync(CustomerQuery query, string? from, bool ascending, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var members = await MembersAsync(query, from, ascending);
            foreach (var customer in (await customers.FindHomesAsync(members.Select(CustomerIndexes.HomeOf))).Where(query.Matches))
            {
                yield return customer;
            }

            if (members.Count < Batch)
            {
                yield break;
            }

            from = members[^1];
        }
    }

    /// <summary>Members of an index in order, over all partitions, from one on that is not among them.</summary>
    private async Task<IReadOnlyList<string>> MembersAsync(CustomerQuery query, string? from, bool ascending)
    {
        var (min, max) = ascending ? (from, (string?)null) : (null, from);
        var partitions = await store.RunAsync(database => Task.WhenAll(IndexesOf(query).Select(index => database.SortedSetRangeByValueAsync(
            index, min ?? RedisValue.Null, max ?? RedisValue.Null, Exclude.Both, ascending ? Order.Ascending : Order.Descending, 0, Batch, flags: CommandFlags.DemandMaster))));
        var members = partitions.SelectMany(found => found).Select(member => (string)member!);
        return [.. (ascending ? members.Order(StringComparer.Ordinal) : members.OrderDescending(StringComparer.Ordinal)).Take(Batch)];
    }

    private IEnumerable<RedisKey> IndexesOf(CustomerQuery query) => Enumerable.Range(0, StoreKeys.Partitions).Select(partition => store.Keys.CustomerIndex(partition, query.Index));
}
