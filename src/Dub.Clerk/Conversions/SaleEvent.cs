using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dub.Clerk.Conversions;

/// <summary>A sale as the event log keeps it. Nothing personal: who it was is looked up when it is shown.</summary>
internal sealed record SaleEvent
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    public required string Id { get; init; }

    public required string EventName { get; init; }

    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>The customer's first external id, see <see cref="Customer.Home"/>.</summary>
    public required string CustomerExternalId { get; init; }

    /// <summary>The click of the lead that the sale follows.</summary>
    public required Click Click { get; init; }

    /// <summary>In cents, or the currency's smallest unit.</summary>
    public required long Amount { get; init; }

    /// <summary>Lower case.</summary>
    public required string Currency { get; init; }

    public required string PaymentProcessor { get; init; }

    public string? InvoiceId { get; init; }

    /// <summary>The name of the lead that was asked for.</summary>
    public string? LeadEventName { get; init; }

    /// <summary>An object.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Whether it is the customer's first by its link.</summary>
    public bool IsConversion { get; init; }
}
