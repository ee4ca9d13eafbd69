using System.Text.Json;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>The clicks we recorded ourselves.</summary>
internal sealed class ClickStore(StoreConnection store, EventLog events)
{
    /// <summary>Records a click; durable when the task completes.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task RecordAsync(Click click) => events.RecordClickAsync(click);

    /// <summary>An id for a click of this visitor: visitor and click are kept together.</summary>
    public static string NewId(string linkId, string visitor) => Ids.NewEvent(ShardOf(linkId, visitor));

    /// <summary>Records a click with an id from <see cref="NewId"/>, unless this visitor made one on its link within the hour; durable when the
    /// task completes.</summary>
    /// <returns>The id of the click that counts.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<string> RecordOnceAsync(Click click, string visitor) => events.RecordClickOnceAsync(click, visitor);

    /// <summary>The click this visitor made on the link within the hour; null when there is none.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<string?> FindVisitorAsync(string linkId, string visitor)
        => await store.RunAsync((database, key) => database.StringGetAsync(key, flags: CommandFlags.DemandMaster), store.Keys.Visitor(ShardOf(linkId, visitor), linkId, visitor));

    /// <summary>The click, or null when it is unknown or older than the log keeps clicks.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Click?> FindAsync(string clickId)
    {
        var json = await store.RunAsync((database, key) => database.StringGetAsync(key, flags: CommandFlags.DemandMaster), store.Keys.Click(clickId));
        return json.IsNull ? null : JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, ConversionsJsonContext.Default.Click);
    }

    private static int ShardOf(string linkId, string visitor) => StoreKeys.ShardOf(linkId + visitor);
}
