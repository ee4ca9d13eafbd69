using System.ComponentModel;
using System.Text.Json;

namespace Dub.Clerk.Host.Api;

/// <summary>What became of a lead.</summary>
internal sealed record TrackLeadResponse(
    [property: Description("The click it is credited to.")] LeadClick Click,
    [property: Description("The link it is credited to; null for a duplicate, which records nothing.")] LeadLink? Link,
    [property: Description("As stored.")] LeadCustomer Customer);

/// <summary>The click of a lead.</summary>
internal sealed record LeadClick([property: Description("16 letters and digits.")] string Id);

/// <summary>The link of a lead.</summary>
internal sealed record LeadLink
{
    [Description("The link's id.")]
    public required string Id { get; init; }

    [Description("Its short domain.")]
    public required string Domain { get; init; }

    [Description("Its key.")]
    public required string Key { get; init; }

    [Description("What visitors follow.")]
    public required string ShortLink { get; init; }

    [Description("Where it leads.")]
    public required string Url { get; init; }

    [Description("Always null: there are no partners.")]
    public string? PartnerId { get; init; }

    [Description("Always null: there are no programs.")]
    public string? ProgramId { get; init; }

    [Description("Whose link it is in your system.")]
    public string? TenantId { get; init; }

    [Description("Your own id of the link.")]
    public string? ExternalId { get; init; }
}

/// <summary>The customer of a lead.</summary>
internal sealed record LeadCustomer(
    [property: Description("Given with the first lead, else the e-mail address, else a random one.")] string? Name,
    [property: Description("Given with the first lead.")] string? Email,
    [property: Description("The address of a picture.")] string? Avatar,
    [property: Description("Your id of the customer.")] string? ExternalId);

/// <summary>What became of a sale. Customer and sale are null where nothing was recorded: an unknown customer without a click, or an amount of 0.</summary>
internal sealed record TrackSaleResponse(
    [property: Description("What happened.")] string EventName,
    [property: Description("As stored; null where nothing was recorded.")] SaleCustomer? Customer,
    [property: Description("As recorded under its invoice; null where nothing was recorded.")] SaleBody? Sale);

/// <summary>The customer of a sale.</summary>
internal sealed record SaleCustomer(
    [property: Description("Such as cus_1KAP4CDPBSVMMBMH9XX3YZZ0Z.")] string Id,
    [property: Description("Given with the first lead, else the e-mail address, else a random one.")] string? Name,
    [property: Description("Given with the first lead.")] string? Email,
    [property: Description("The address of a picture.")] string? Avatar,
    [property: Description("Your id of the customer.")] string? ExternalId);

/// <summary>A sale that was recorded.</summary>
internal sealed record SaleBody(
    [property: Description("In cents.")] long Amount,
    [property: Description("Always usd.")] string Currency,
    [property: Description("Who took the money.")] string PaymentProcessor,
    [property: Description("Your id of the payment.")] string? InvoiceId,
    [property: Description("What came with the sale.")] JsonElement? Metadata);
