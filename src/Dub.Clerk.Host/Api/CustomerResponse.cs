using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dub.Clerk.Conversions;

namespace Dub.Clerk.Host.Api;

/// <summary>A customer as Dub answers it.</summary>
internal sealed record CustomerResponse
{
    public CustomerResponse(Customer customer)
    {
        Id = customer.Id;
        Name = customer.Name;
        Email = customer.Email;
        Avatar = customer.Avatar;
        ExternalId = customer.ExternalId;
        Country = customer.Country;
        Sales = customer.Sales;
        SaleAmount = customer.SaleAmount;
        CreatedAt = DubTime.Format(customer.CreatedAt);
        FirstSaleAt = DubTime.Format(customer.FirstSaleAt);
    }

    [Description("Such as cus_1KAP4CDPBSVMMBMH9XX3YZZ0Z.")]
    public string Id { get; }

    [Description("Given with the first lead, else the e-mail address, else a random one.")]
    public string? Name { get; }

    [Description("Given with the first lead.")]
    public string? Email { get; }

    [Description("The address of a picture.")]
    public string? Avatar { get; }

    [Description("Your id, without ext_.")]
    public string ExternalId { get; }

    [Description("Always null: Stripe is not connected.")]
    public string? StripeCustomerId { get; }

    [Description("Where the click came from: ISO 3166-1.")]
    public string? Country { get; }

    [Description("How many sales were recorded.")]
    public long Sales { get; }

    [Description("In cents.")]
    public long SaleAmount { get; }

    [Description("When the customer was first seen.")]
    public string CreatedAt { get; }

    [Description("When the first sale was.")]
    public string? FirstSaleAt { get; }

    [Description("Always null: there are no subscriptions.")]
    public string? SubscriptionCanceledAt { get; }

    [Description("With includeExpandedFields, and while the link is there.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CustomerLink? Link { get; init; }
}

/// <summary>The link that brought a customer.</summary>
internal sealed record CustomerLink(
    [property: Description("The link's id.")] string Id,
    [property: Description("Its short domain.")] string Domain,
    [property: Description("Its key.")] string Key,
    [property: Description("What visitors follow.")] string ShortLink,
    [property: Description("Where it leads.")] string Url,
    [property: Description("Always null: there are no programs.")] string? ProgramId);

/// <summary>What to change of a customer. What is left out stays; null clears.</summary>
internal sealed record UpdateCustomerRequest
{
    [Description("At most 100 characters.")]
    [MaxLength(100)]
    public string? Name { get; init; }

    [Description("At most 100 characters.")]
    [MaxLength(100)]
    public string? Email { get; init; }

    [Description("The web address of a picture.")]
    public string? Avatar { get; init; }

    [Description("Your id. The one it had before still leads to the customer.")]
    [MinLength(1)]
    [MaxLength(1000)]
    public string? ExternalId { get; init; }
}

/// <summary>A customer that is gone.</summary>
internal sealed record DeletedCustomerResponse([property: Description("The customer's id.")] string Id);
