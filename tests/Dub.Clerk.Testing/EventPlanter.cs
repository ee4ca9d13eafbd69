using System.Text.Json;
using Dub.Clerk.Conversions;
using Dub.Clerk.Store;

namespace Dub.Clerk.Testing;

/// <summary>Puts events into the log as if they had happened then, without the customers they are of.</summary>
internal sealed class EventPlanter(StoreConnection store, EventLog events)
{
    private static readonly StoreScript Record = new("event-record-4");

    /// <summary>A repeat changes nothing.</summary>
    public async Task PlantAsync(LoggedEvent one)
    {
        if (one.Sale is { } sale)
        {
            await PlantAsync(sale);
        }
        else if (one.Lead is { } lead)
        {
            await PlantAsync(lead);
        }
        else
        {
            await events.RecordClickAsync(one.Click);
        }
    }

    public Task<bool> PlantAsync(LeadEvent lead)
        => RecordAsync(EventKind.Leads, lead.Id, lead.Timestamp, lead.Click.LinkId, JsonSerializer.SerializeToUtf8Bytes(lead, ConversionsJsonContext.Default.LeadEvent));

    public async Task PlantAsync(SaleEvent sale)
    {
        if (await RecordAsync(EventKind.Sales, sale.Id, sale.Timestamp, sale.Click.LinkId, JsonSerializer.SerializeToUtf8Bytes(sale, ConversionsJsonContext.Default.SaleEvent)))
        {
            var counters = store.Keys.LinkCounters(StoreKeys.ShardOf(sale.Id), sale.Click.LinkId);
            await store.RunAsync(database => database.HashIncrementAsync(counters, "sale_amount", sale.Amount));
            await store.RunAsync(database => database.HashIncrementAsync(counters, "conversions", sale.IsConversion ? 1 : 0));
        }
    }

    private async Task<bool> RecordAsync(EventKind kind, string id, DateTimeOffset at, string linkId, byte[] json)
    {
        var retention = (long)EventLog.LongestRetention.TotalMilliseconds;
        return (int)await Record.RunAsync(
            store, [store.Keys.Event(id), .. events.KeysOf(kind, StoreKeys.ShardOf(id), at, linkId)],
            [id, json, at.ToUnixTimeMilliseconds(), EventIndex.NameOf(kind), retention, retention]) == 1;
    }
}
