using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Sales. Whoever names an invoice first decides what its sale is, durably and before anything is counted; everybody else who names it
/// completes that sale, which is done once however often it is tried, and learns what it was.</summary>
internal sealed class SaleTracker(
    StoreConnection store, EventLog events, EventNews news, OutboxDestinations destinations, OutboxSignal signal, DubClerkMetrics metrics, TimeProvider time)
{
    /// <summary>Longer than an invoice is known, so that no repeat counts again.</summary>
    private static readonly TimeSpan MarkerRetention = EventLog.EventRetention + TimeSpan.FromDays(1);

    private static readonly StoreScript Track = new("sale-track-9");

    /// <summary>The sale an invoice was recorded as, completed if that is not so yet; null when nobody has named the invoice.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task<SaleEvent?> FindInvoiceAsync(string invoiceId)
    {
        var json = await store.RunAsync(database => database.StringGetAsync(KeyOf(invoiceId), flags: CommandFlags.DemandMaster));
        if (json.IsNull)
        {
            return null;
        }

        var sale = JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, ConversionsJsonContext.Default.InvoiceRecord)!.Sale;
        if (!CustomerEvents.IsForgotten(sale.CustomerExternalId))
        {
            await CountAsync(sale);
        }

        return sale;
    }

    /// <summary>Records a sale, or completes the one that its invoice stands for.</summary>
    /// <returns>The sale that counts; null when its customer is gone.</returns>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe for a sale with an invoice.</exception>
    public async Task<(SaleEvent? Sale, bool IsNew)> RecordAsync(SaleEvent sale)
    {
        if (sale.InvoiceId is { Length: > 0 } invoiceId)
        {
            var record = JsonSerializer.SerializeToUtf8Bytes(new InvoiceRecord { Sale = sale }, ConversionsJsonContext.Default.InvoiceRecord);
            if ((await store.WriteAsync("SET", KeyOf(invoiceId), record, "PX", (long)EventLog.EventRetention.TotalMilliseconds, "NX")).IsNull
                && await FindInvoiceAsync(invoiceId) is { } first)
            {
                return (first, false);
            }
        }

        if (!await CountAsync(sale))
        {
            return (null, false);
        }

        metrics.SaleRecorded();
        return (sale, true);
    }

    /// <summary>The invoice of a sale whose customer was erased says no longer whose it was; it is known all the same, so that it is no second sale.</summary>
    /// <param name="forgotten">The sale as it is kept now.</param>
    /// <param name="invoiceId">The invoice it had.</param>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public Task ForgetInvoiceAsync(SaleEvent forgotten, string invoiceId)
        => CustomerEvents.ReplaceAsync(
            store, KeyOf(invoiceId), JsonSerializer.SerializeToUtf8Bytes(new InvoiceRecord { Sale = forgotten }, ConversionsJsonContext.Default.InvoiceRecord));

    /// <returns>False when the customer is gone.</returns>
    private async Task<bool> CountAsync(SaleEvent sale)
    {
        var (now, home) = (time.GetUtcNow(), sale.CustomerExternalId);
        var partition = StoreKeys.PartitionOf(home);
        var toDub = sale.Click.FromDub && await destinations.IsServedAsync(OutboxDestination.Dub);
        if ((int)await Track.RunAsync(
            store,
            [
                store.Keys.Customer(home), store.Keys.CustomerSale(home, sale.Id), store.Keys.Event(sale.Id),
                .. events.KeysOf(EventKind.Sales, StoreKeys.ShardOf(sale.Id), sale.Timestamp, sale.Click.LinkId),
                .. store.Keys.Outbox(OutboxDestination.Dub, partition).OfItems,
            ],
            [
                home, sale.Id, now.ToUnixTimeMilliseconds(), sale.Timestamp.ToUnixTimeMilliseconds(), sale.Amount, sale.Click.LinkId, ToJson(sale),
                ToJson(sale with { IsConversion = true }), toDub ? new SaleDeliveryState { Sale = sale }.ToJson() : RedisValue.EmptyString,
                (long)MarkerRetention.TotalMilliseconds, (long)EventLog.EventRetention.TotalMilliseconds,
            ]) == 0)
        {
            return false;
        }

        if (toDub)
        {
            signal.Raise(OutboxDestination.Dub, partition);
        }

        news.Raise(sale.Timestamp);
        return true;
    }

    private static byte[] ToJson(SaleEvent sale) => JsonSerializer.SerializeToUtf8Bytes(sale, ConversionsJsonContext.Default.SaleEvent);

    private RedisKey KeyOf(string invoiceId) => store.Keys.Invoice(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(invoiceId))));
}

/// <summary>What an invoice was recorded as.</summary>
internal sealed record InvoiceRecord
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    public required SaleEvent Sale { get; init; }
}
