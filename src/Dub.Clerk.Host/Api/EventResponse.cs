using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dub.Clerk.Host.Api;

/// <summary>An event as Dub answers it: the nested objects, and beside them the flat fields that Dub keeps for older callers.</summary>
internal sealed record EventResponse
{
    [Description("click, lead or sale.")]
    public required string Event { get; init; }

    [Description("When it happened.")]
    public required string Timestamp { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("The lead. Not there for clicks, as are the next two and customer.")]
    public string? EventId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("What the lead is called.")]
    public string? EventName { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("What came with the lead or sale.")]
    public JsonElement? Metadata { get; init; }

    [Description("The click it came from.")]
    public required EventClick Click { get; init; }

    [Description("The link that was followed.")]
    public required LinkResponse Link { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("Whose lead it is.")]
    public EventCustomer? Customer { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("The sale.")]
    public EventSale? Sale { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("The same as sale.amount.")]
    public long? SaleAmount => Sale?.Amount;

    [JsonPropertyName("invoice_id")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("The same as sale.invoiceId; empty where a sale has none.")]
    public string? InvoiceId => Sale is null ? null : Sale.InvoiceId ?? string.Empty;

    [JsonPropertyName("payment_processor")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("The same as sale.paymentProcessor.")]
    public string? PaymentProcessor => Sale?.PaymentProcessor;

    [JsonPropertyName("click_id")]
    [Description("The same as click.id; so are the other flat fields those of click and link.")]
    public string ClickId => Click.Id;

    [JsonPropertyName("link_id")]
    [Description("link.id")]
    public string LinkId => Link.Id;

    [Description("link.domain")]
    public string Domain => Link.Domain;

    [Description("link.key")]
    public string Key => Link.Key;

    [Description("click.url")]
    public string Url => Click.Url;

    [Description("click.continent")]
    public string Continent => Click.Continent;

    [Description("click.country")]
    public string Country => Click.Country;

    [Description("click.city")]
    public string City => Click.City;

    [Description("click.device")]
    public string Device => Click.Device;

    [Description("click.browser")]
    public string Browser => Click.Browser;

    [Description("click.os")]
    public string Os => Click.Os;

    [Description("click.qr: 0 or 1.")]
    public int Qr => Click.Qr ? 1 : 0;

    [Description("Always empty.")]
    public string Ip => Click.Ip;
}

/// <summary>The click of an event. What is not known is the text <c>Unknown</c>, as in Dub; the address of the visitor is not kept.</summary>
internal sealed record EventClick
{
    [Description("16 letters and digits.")]
    public required string Id { get; init; }

    [Description("When it happened; in a lead, when the lead happened, as in Dub.")]
    public required string Timestamp { get; init; }

    [Description("Where the visitor was sent.")]
    public required string Url { get; init; }

    [Description("ISO 3166-1, or Unknown.")]
    public required string Country { get; init; }

    [Description("Or Unknown.")]
    public required string City { get; init; }

    [Description("ISO 3166-2 such as US-CA, or Unknown.")]
    public required string Region { get; init; }

    [Description("Two letters, or Unknown.")]
    public required string Continent { get; init; }

    [Description("Desktop, Mobile or Tablet.")]
    public required string Device { get; init; }

    [Description("Such as Chrome, or Unknown.")]
    public required string Browser { get; init; }

    [Description("Such as Android, or Unknown.")]
    public required string Os { get; init; }

    [Description("The user agent, or Unknown.")]
    public required string Ua { get; init; }

    [Description("link, qr or pageview.")]
    public required string Trigger { get; init; }

    [Description("The host the visitor came from, or (direct).")]
    public required string Referer { get; init; }

    [Description("The page the visitor came from, without its query, or (direct).")]
    public required string RefererUrl { get; init; }

    [Description("Whether the QR code was scanned.")]
    public required bool Qr { get; init; }

    [Description("Always empty: addresses are not kept.")]
    public string Ip { get; init; } = string.Empty;
}

/// <summary>The customer of a lead or sale.</summary>
internal sealed record EventCustomer
{
    [Description("Such as cus_1KAP4CDPBSVMMBMH9XX3YZZ0Z.")]
    public required string Id { get; init; }

    [Description("Yours: for a sign-up the Clerk user id.")]
    public required string ExternalId { get; init; }

    [Description("As it was at sign-up.")]
    public required string? Name { get; init; }

    [Description("As it was at sign-up.")]
    public required string? Email { get; init; }

    [Description("A picture.")]
    public required string? Avatar { get; init; }

    [Description("Where the click came from.")]
    public string? Country { get; init; }

    [Description("When the customer was first seen.")]
    public required string CreatedAt { get; init; }
}

/// <summary>A sale.</summary>
internal sealed record EventSale(
    [property: Description("In cents.")] long Amount,
    [property: Description("Your id of the payment.")] string? InvoiceId,
    [property: Description("Who took the money.")] string PaymentProcessor,
    [property: Description("Always usd.")] string Currency);
