using System.Runtime.CompilerServices;
using System.Text.Json;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>What happened, in order: an event, its place in the day's index, its link's counters and its place in the queue of the rollups change
/// in one script.</summary>
internal sealed class EventLog(StoreConnection store, EventNews news, LiveOptions options, TimeProvider time)
{
    /// <summary>How long events are kept at the most, and how far back is looked for some.</summary>
    public static readonly TimeSpan LongestRetention = DubClerkOptions.LongestEventRetention;

    /// <summary>How long a visitor who follows a link again makes no new click.</summary>
    public static readonly TimeSpan VisitorMemory = TimeSpan.FromHours(1);

    private static readonly StoreScript Record = new("event-record-4");
    private static readonly StoreScript RecordClick = new("click-record-5");

    private readonly EventIndex _index = new(store);

    /// <summary>How long events, and what is summed up of a day, are kept.</summary>
    public TimeSpan EventRetention => options.Current.EventRetention;

    /// <summary>Records a click. A repeat changes nothing.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task RecordClickAsync(Click click)
    {
        await Record.RunAsync(
            store, [store.Keys.Click(click.Id), .. KeysOf(EventKind.Clicks, StoreKeys.ShardOf(click.Id), click.Timestamp, click.LinkId)],
            [
                click.Id, JsonSerializer.SerializeToUtf8Bytes(click, ConversionsJsonContext.Default.Click), click.Timestamp.ToUnixTimeMilliseconds(),
                EventIndex.NameOf(EventKind.Clicks), (long)options.Current.ClickRetention.TotalMilliseconds, (long)EventRetention.TotalMilliseconds,
            ]);
        news.Raise(click.Timestamp);
    }

    /// <summary>Records a click, unless this visitor made one on its link within the hour.</summary>
    /// <returns>The id of the click that counts.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<string> RecordClickOnceAsync(Click click, string visitor)
    {
        var keys = store.Keys;
        var shard = StoreKeys.ShardOf(click.Id);
        var counted = (string)(await RecordClick.RunAsync(
            store,
            [
                keys.Click(click.Id), .. KeysOf(EventKind.Clicks, shard, click.Timestamp, click.LinkId), keys.Visitor(shard, click.LinkId, visitor),
            ],
            [
                click.Id, JsonSerializer.SerializeToUtf8Bytes(click, ConversionsJsonContext.Default.Click), click.Timestamp.ToUnixTimeMilliseconds(),
                (long)options.Current.ClickRetention.TotalMilliseconds, (long)EventRetention.TotalMilliseconds, (long)VisitorMemory.TotalMilliseconds,
            ]))!;
        if (counted == click.Id)
        {
            news.Raise(click.Timestamp);
        }

        return counted;
    }

    /// <summary>What a script needs, beside the record, to log events of this kind: the day's index, the queue of the rollups, the link's counters.</summary>
    public RedisKey[] KeysOf(EventKind kind, int shard, DateTimeOffset timestamp, string linkId)
    {
        var keys = store.Keys;
        return [keys.EventIndex(shard, EventIndex.NameOf(kind), DayOf(timestamp)), keys.RollupQueue(shard), keys.LinkCounters(shard, linkId)];
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<LeadEvent?> FindLeadAsync(string leadId) => (await FindAsync([(EventKind.Leads, leadId)]))[0]?.Lead;

    /// <summary>Those with these ids, in their order; null for one that is gone.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<LoggedEvent?>> FindAsync(IReadOnlyCollection<(EventKind Kind, string Id)> events)
    {
        // One call for each shard: a call costs more than what it fetches.
        var found = new LoggedEvent?[events.Count];
        await Task.WhenAll(events.Select((one, at) => (one.Kind, one.Id, At: at)).GroupBy(one => StoreKeys.ShardOf(one.Id)).Select(async shard =>
        {
            var wanted = shard.ToArray();
            var read = await store.RunAsync(
                static (database, keys) => database.StringGetAsync(keys, flags: CommandFlags.DemandMaster),
                Array.ConvertAll(wanted, one => one.Kind == EventKind.Clicks ? store.Keys.Click(one.Id) : store.Keys.Event(one.Id)));
            for (var i = 0; i < wanted.Length; i++)
            {
                found[wanted[i].At] = read[i].IsNull ? null : Read(wanted[i].Kind, ((ReadOnlyMemory<byte>)read[i]).Span);
            }
        }));
        return found;
    }

    /// <summary>The events of a kind and a time, in order. Read while they are asked for, so that who stops early costs little.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="from">The earliest.</param>
    /// <param name="to">Before this.</param>
    /// <param name="newestFirst">The order.</param>
    /// <param name="skip">How many are passed over, unread.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async IAsyncEnumerable<LoggedEvent> ReadAsync(
        EventKind kind, DateTimeOffset from, DateTimeOffset to, bool newestFirst = true, int skip = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        const int batch = 200;
        var ids = ReadIdsAsync(kind, from, to, newestFirst, cancellationToken).Skip(skip);
        await foreach (var chunk in ids.Chunk(batch).WithCancellation(cancellationToken))
        {
            foreach (var one in await FindAsync([.. chunk.Select(id => (kind, id))]))
            {
                if (one is not null)
                {
                    yield return one;
                }
            }
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, the ids alone.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public IAsyncEnumerable<string> ReadIdsAsync(EventKind kind, DateTimeOffset from, DateTimeOffset to, bool newestFirst, CancellationToken cancellationToken)
    {
        var earliest = time.GetUtcNow() - LongestRetention;
        return _index.ReadAsync(kind, from < earliest ? earliest : from, to, newestFirst, cancellationToken);
    }

    private static LoggedEvent Read(EventKind kind, ReadOnlySpan<byte> json)
    {
        switch (kind)
        {
            case EventKind.Clicks:
                return new LoggedEvent(JsonSerializer.Deserialize(json, ConversionsJsonContext.Default.Click)!);
            case EventKind.Leads:
                var lead = JsonSerializer.Deserialize(json, ConversionsJsonContext.Default.LeadEvent)!;
                return new LoggedEvent(lead.Click, Lead: lead);
            default:
                var sale = JsonSerializer.Deserialize(json, ConversionsJsonContext.Default.SaleEvent)!;
                return new LoggedEvent(sale.Click, Sale: sale);
        }
    }

    private static DateOnly DayOf(DateTimeOffset timestamp) => DateOnly.FromDateTime(timestamp.UtcDateTime);
}
