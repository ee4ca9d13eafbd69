using System.Runtime.CompilerServices;
using System.Text.Json;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>The leads and sales of one customer. Nothing lists them, because that would cost every lead and sale, and is asked for when a person wants
/// to know or to be forgotten: the events of the customer's shard are looked through.</summary>
internal sealed class CustomerEvents(StoreConnection store, EventLog events, SaleTracker sales, TimeProvider time)
{
    /// <summary>How many days are asked at once whether they have any.</summary>
    private const int DaysAtOnce = 64;

    private const int EventsAtOnce = 256;

    private static readonly StoreScript Replace = new("value-replace-1");

    /// <summary>Whether an event is of somebody who was erased.</summary>
    public static bool IsForgotten(string customerExternalId) => customerExternalId.Length == 0;

    /// <summary>Writes a value in place of one that is there, to be kept as long.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public static Task ReplaceAsync(StoreConnection store, RedisKey key, byte[] value) => Replace.RunAsync(store, [key], [value]);

    /// <summary>Those of a customer known by these external ids, oldest first within each kind.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async IAsyncEnumerable<LoggedEvent> ReadAsync(IReadOnlyCollection<string> names, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var kind in new[] { EventKind.Leads, EventKind.Sales })
        {
            foreach (var shard in names.Select(StoreKeys.ShardOf).Distinct())
            {
                await foreach (var ids in ReadIdsAsync(kind, shard, cancellationToken))
                {
                    foreach (var one in await events.FindAsync([.. ids.Select(id => (kind, id))]))
                    {
                        if (one?.CustomerHome is { } home && names.Contains(home))
                        {
                            yield return one;
                        }
                    }
                }
            }
        }
    }

    /// <summary>Keeps of an event that it happened, and nothing of whose it was.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task ForgetAsync(LoggedEvent one)
    {
        if (one.Sale is { } sale)
        {
            var forgotten = sale with { CustomerExternalId = string.Empty, InvoiceId = null, Metadata = null };
            if (sale.InvoiceId is { Length: > 0 } invoiceId)
            {
                await sales.ForgetInvoiceAsync(forgotten, invoiceId);
            }

            await ReplaceAsync(store, store.Keys.Event(sale.Id), JsonSerializer.SerializeToUtf8Bytes(forgotten, ConversionsJsonContext.Default.SaleEvent));
        }
        else if (one.Lead is { } lead)
        {
            var forgotten = lead with { CustomerExternalId = string.Empty, Metadata = null };
            await ReplaceAsync(store, store.Keys.Event(lead.Id), JsonSerializer.SerializeToUtf8Bytes(forgotten, ConversionsJsonContext.Default.LeadEvent));
        }
    }

    private async IAsyncEnumerable<string[]> ReadIdsAsync(EventKind kind, int shard, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (first, last) = (DateOnly.FromDateTime((now - EventLog.LongestRetention).UtcDateTime), DateOnly.FromDateTime(now.UtcDateTime).AddDays(1));
        var days = Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays);
        foreach (var some in days.Chunk(DaysAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var keys = Array.ConvertAll(some, day => store.Keys.EventIndex(shard, EventIndex.NameOf(kind), day));
            var lengths = await store.RunAsync(
                static (database, keys) => Task.WhenAll(keys.Select(key => database.SortedSetLengthAsync(key, flags: CommandFlags.DemandMaster))), keys);
            foreach (var (key, length) in keys.Zip(lengths))
            {
                for (var start = 0L; start < length; start += EventsAtOnce)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var ids = await store.RunAsync(
                        static (database, page) => database.SortedSetRangeByRankAsync(page.key, page.start, page.start + EventsAtOnce - 1, flags: CommandFlags.DemandMaster), (key, start));
                    yield return Array.ConvertAll(ids, id => (string)id!);
                }
            }
        }
    }
}
