using System.Text.Json;

namespace Dub.Clerk.Conversions;

/// <summary>A sale to record.</summary>
public sealed record Sale
{
    /// <summary>Your id of the customer.</summary>
    public required string CustomerExternalId { get; init; }

    /// <summary>In cents, or the currency's smallest unit: 0 to 2^53 − 1. A sale of nothing is not recorded.</summary>
    public required long Amount { get; init; }

    /// <summary>ISO 4217, whatever its case. Default <c>usd</c>; others need a rate in <see cref="DubClerkOptions.ExchangeRates"/>.</summary>
    public string Currency { get; init; } = "usd";

    /// <summary>What happened: at most 255 characters. Default <c>Purchase</c>.</summary>
    public string EventName { get; init; } = "Purchase";

    /// <summary>Who took the money, such as <c>stripe</c>. Default <c>custom</c>.</summary>
    public string PaymentProcessor { get; init; } = "custom";

    /// <summary>Your id of the payment. Give one: it makes repeats safe, for as long as events are kept.</summary>
    public string? InvoiceId { get; init; }

    /// <summary>The name of the lead that the sale follows. Default the customer's latest lead.</summary>
    public string? LeadEventName { get; init; }

    /// <summary>The click of a customer who has no lead yet: customer and lead are then recorded too. Ignored for a known customer.</summary>
    public string? ClickId { get; init; }

    /// <summary>Kept with a new customer: at most 100 characters.</summary>
    public string? CustomerName { get; init; }

    /// <summary>Kept with a new customer: at most 100 characters.</summary>
    public string? CustomerEmail { get; init; }

    /// <summary>The address of a picture, kept with a new customer.</summary>
    public string? CustomerAvatar { get; init; }

    /// <summary>What the event carries besides: a JSON object of at most 10,000 characters and 62 levels.</summary>
    public JsonElement? Metadata { get; init; }
}
