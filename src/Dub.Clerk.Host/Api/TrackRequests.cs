using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Dub.Clerk.Host.Api;

/// <summary>A lead. Described here for the API document; read by <see cref="TrackLeadApi"/>.</summary>
internal sealed record TrackLeadRequest
{
    [Description("The click: 16 letters and digits. Empty: the one the customer came with.")]
    public string? ClickId { get; init; }

    [Description("What happened, 1 to 255 characters. A customer has one lead of a name, for ever; case does not matter, and a blank is a hyphen.")]
    [MinLength(1)]
    [MaxLength(255)]
    public required string EventName { get; init; }

    [Description("Your id of the customer. externalId and customerId are taken for it, as in older versions of Dub's API.")]
    [MinLength(1)]
    public required string CustomerExternalId { get; init; }

    [Description("At most 100 characters; a friendly random name when neither it nor an e-mail address is given. A known customer is not changed.")]
    [MaxLength(100)]
    public string? CustomerName { get; init; }

    [Description("At most 100 characters.")]
    [MaxLength(100)]
    public string? CustomerEmail { get; init; }

    [Description("The address of a picture.")]
    public string? CustomerAvatar { get; init; }

    [Description("async, wait or deferred. The lead is durable and readable when the answer comes, whichever it is; deferred only creates the customer.")]
    [DefaultValue("async")]
    public string? Mode { get; init; }

    [Description("How many events the lead stands for, 1 to 100.")]
    [Range(1, 100)]
    public int? EventQuantity { get; init; }

    [Description("An object of at most 10,000 characters and 62 levels.")]
    public JsonElement? Metadata { get; init; }
}

/// <summary>A sale. Described here for the API document; read by <see cref="TrackSaleApi"/>.</summary>
internal sealed record TrackSaleRequest
{
    [Description("Your id of the customer. externalId and customerId are taken for it.")]
    [MinLength(1)]
    public required string CustomerExternalId { get; init; }

    [Description("In cents, or the currency's smallest unit. Nothing is recorded for 0.")]
    [Range(0, 9007199254740991)]
    public required long Amount { get; init; }

    [Description("ISO 4217. Others than usd need a rate in DubClerk:ExchangeRates.")]
    [DefaultValue("usd")]
    public string? Currency { get; init; }

    [Description("At most 255 characters.")]
    [DefaultValue("Purchase")]
    [MaxLength(255)]
    public string? EventName { get; init; }

    [Description("stripe, shopify, polar, paddle, apple, revenuecat, lemonsqueezy, dub or custom.")]
    [DefaultValue("custom")]
    public string? PaymentProcessor { get; init; }

    [Description("Your id of the payment: one sale is recorded for it, however often and from wherever it is sent.")]
    public string? InvoiceId { get; init; }

    [Description("The name of the lead the sale follows; the latest when left out.")]
    public string? LeadEventName { get; init; }

    [Description("An object of at most 10,000 characters and 62 levels.")]
    public JsonElement? Metadata { get; init; }

    [Description("The click of a customer who is not known yet: customer and lead are then recorded too.")]
    public string? ClickId { get; init; }

    [Description("Kept with a new customer: at most 100 characters.")]
    [MaxLength(100)]
    public string? CustomerName { get; init; }

    [Description("Kept with a new customer: at most 100 characters.")]
    [MaxLength(100)]
    public string? CustomerEmail { get; init; }

    [Description("Kept with a new customer: the address of a picture.")]
    public string? CustomerAvatar { get; init; }
}
