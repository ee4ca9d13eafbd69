using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dub.Clerk.Conversions;

/// <summary>A lead as the event log keeps it. Nothing personal: who it was is looked up by the customer's external id when it is shown.</summary>
internal sealed record LeadEvent
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    public required string Id { get; init; }

    public required string EventName { get; init; }

    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>The customer's first external id, see <see cref="Customer.Home"/>.</summary>
    public required string CustomerExternalId { get; init; }

    /// <summary>A copy, because clicks expire before leads do.</summary>
    public required Click Click { get; init; }

    /// <summary>An object.</summary>
    public JsonElement? Metadata { get; init; }
}
