using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>What happened, in order, and the counters it moved: event, its place in the day's index and the counters change in one script.</summary>
internal sealed class EventLog(StoreConnection store, TimeProvider time)
{
    /// <summary>How long a click is kept: the 90 days before an account's creation that it may count for, the 30 days that a half waits for the
    /// other, and a day for differing clocks.</summary>
    public static readonly TimeSpan ClickRetention = TimeSpan.FromDays(90 + 30 + 1);

    /// <summary>How long events, and the counters of a day, are kept.</summary>
    public static readonly TimeSpan EventRetention = TimeSpan.FromDays(3 * 366);

    private const string ClickKind = "clicks";
    private const string LeadKind = "leads";
    private const string SaleKind = "sales";

    /// <summary>How long a visitor who follows a link again makes no new click.</summary>
    public static readonly TimeSpan VisitorMemory = TimeSpan.FromHours(1);

    private static readonly StoreScript Record = new("event-record-4");
    private static readonly StoreScript RecordSale = new("sale-record-4");
    private static readonly StoreScript RecordClick = new("click-record-5");

    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task RecordClickAsync(Click click) => RecordAsync(
        store.Keys.Click(click.Id), ClickKind, click.Id, click.LinkId, click.Timestamp, ClickRetention,
        JsonSerializer.SerializeToUtf8Bytes(click, ConversionsJsonContext.Default.Click));

    /// <summary>Records a click, unless this visitor made one on its link within the hour.</summary>
    /// <returns>The id of the click that counts.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<string> RecordClickOnceAsync(Click click, string visitor)
    {
        var keys = store.Keys;
        var shard = StoreKeys.ShardOf(click.Id);
        var day = DateOnly.FromDateTime(click.Timestamp.UtcDateTime);
        return (string)(await RecordClick.RunAsync(
            store,
            [
                keys.Click(click.Id), keys.EventIndex(shard, ClickKind, day), keys.DayCounters(shard, day), keys.LinkCounters(shard, click.LinkId),
                keys.Visitor(shard, click.LinkId, visitor),
            ],
            [
                click.Id, JsonSerializer.SerializeToUtf8Bytes(click, ConversionsJsonContext.Default.Click), click.Timestamp.ToUnixTimeMilliseconds(),
                (long)ClickRetention.TotalMilliseconds, (long)EventRetention.TotalMilliseconds, (long)VisitorMemory.TotalMilliseconds,
            ]))!;
    }

    /// <summary>Records a lead in the log, and the further events it stands for. A repeat changes nothing.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task RecordLeadAsync(LeadEvent lead)
        => Task.WhenAll((lead.Copies ?? []).Prepend(lead.Id).Select(id => lead with { Id = id, Copies = null }).Select(one => RecordAsync(
            store.Keys.Event(one.Id), LeadKind, one.Id, one.Click.LinkId, one.Timestamp, EventRetention,
            JsonSerializer.SerializeToUtf8Bytes(one, ConversionsJsonContext.Default.LeadEvent))));

    /// <summary>Records a sale in the log. A repeat changes nothing.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task RecordSaleAsync(SaleEvent sale)
    {
        var keys = store.Keys;
        var shard = StoreKeys.ShardOf(sale.Id);
        var day = DateOnly.FromDateTime(sale.Timestamp.UtcDateTime);
        return RecordSale.RunAsync(
            store,
            [keys.Event(sale.Id), keys.EventIndex(shard, SaleKind, day), keys.DayCounters(shard, day), keys.LinkCounters(shard, sale.Click.LinkId)],
            [
                sale.Id, JsonSerializer.SerializeToUtf8Bytes(sale, ConversionsJsonContext.Default.SaleEvent), sale.Timestamp.ToUnixTimeMilliseconds(),
                sale.Amount, sale.IsConversion ? 1 : 0, (long)EventRetention.TotalMilliseconds,
            ]);
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<LeadEvent?> FindLeadAsync(string leadId)
    {
        var json = await store.RunAsync(database => database.StringGetAsync(store.Keys.Event(leadId)));
        return json.IsNull ? null : JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, ConversionsJsonContext.Default.LeadEvent);
    }

    /// <summary>Clicks, newest first.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<IReadOnlyList<Click>> ListClicksAsync(DateTimeOffset from, DateTimeOffset to, int skip, int take, CancellationToken cancellationToken)
        => ListAsync(ClickKind, store.Keys.Click, ConversionsJsonContext.Default.Click, from, to, skip, take, cancellationToken);

    /// <summary>Leads, newest first.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<IReadOnlyList<LeadEvent>> ListLeadsAsync(DateTimeOffset from, DateTimeOffset to, int skip, int take, CancellationToken cancellationToken)
        => ListAsync(LeadKind, store.Keys.Event, ConversionsJsonContext.Default.LeadEvent, from, to, skip, take, cancellationToken);

    /// <summary>Sales, newest first.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<IReadOnlyList<SaleEvent>> ListSalesAsync(DateTimeOffset from, DateTimeOffset to, int skip, int take, CancellationToken cancellationToken)
        => ListAsync(SaleKind, store.Keys.Event, ConversionsJsonContext.Default.SaleEvent, from, to, skip, take, cancellationToken);

    private Task<RedisResult> RecordAsync(
        RedisKey record, string kind, string id, string linkId, DateTimeOffset timestamp, TimeSpan retention, ReadOnlyMemory<byte> json)
    {
        var keys = store.Keys;
        var shard = StoreKeys.ShardOf(id);
        var day = DateOnly.FromDateTime(timestamp.UtcDateTime);
        return Record.RunAsync(
            store,
            [record, keys.EventIndex(shard, kind, day), keys.DayCounters(shard, day), keys.LinkCounters(shard, linkId)],
            [id, json, timestamp.ToUnixTimeMilliseconds(), kind, (long)retention.TotalMilliseconds, (long)EventRetention.TotalMilliseconds]);
    }

    private async Task<IReadOnlyList<T>> ListAsync<T>(
        string kind, Func<string, RedisKey> record, JsonTypeInfo<T> type, DateTimeOffset from, DateTimeOffset to, int skip, int take,
        CancellationToken cancellationToken)
    {
        var earliest = time.GetUtcNow() - EventRetention;
        from = from < earliest ? earliest : from;
        var (first, last) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        var ids = new List<string>();
        for (var day = DateOnly.FromDateTime(to.UtcDateTime); day >= DateOnly.FromDateTime(from.UtcDateTime) && ids.Count < skip + take; day = day.AddDays(-1))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var wanted = skip + take - ids.Count;
            var ofShards = await store.RunAsync(database => Task.WhenAll(Enumerable.Range(0, StoreKeys.Shards).Select(shard =>
                database.SortedSetRangeByScoreWithScoresAsync(
                    store.Keys.EventIndex(shard, kind, day), first, last, order: Order.Descending, take: wanted))));
            ids.AddRange(ofShards.SelectMany(entries => entries).OrderByDescending(entry => entry.Score).ThenBy(entry => (string)entry.Element!, StringComparer.Ordinal)
                .Take(wanted).Select(entry => (string)entry.Element!));
        }

        var page = ids.Skip(skip).ToList();
        var found = await store.RunAsync(database => Task.WhenAll(page.Select(id => database.StringGetAsync(record(id)))));
        return [.. found.Where(json => !json.IsNull).Select(json => JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, type)!)];
    }
}
