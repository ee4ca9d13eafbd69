using System.Text.Json;
using Dub.Clerk.Store;

namespace Dub.Clerk.Conversions;

/// <summary>The clicks we recorded ourselves.</summary>
internal sealed class ClickStore(StoreConnection store, EventLog events)
{
    /// <summary>Records a click; durable when the task completes.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task RecordAsync(Click click) => events.RecordClickAsync(click);

    /// <summary>The click, or null when it is unknown or older than the log keeps clicks.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Click?> FindAsync(string clickId)
    {
        var json = await store.RunAsync((database, key) => database.StringGetAsync(key), store.Keys.Click(clickId));
        return json.IsNull ? null : JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, ConversionsJsonContext.Default.Click);
    }
}
