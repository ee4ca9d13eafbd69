namespace Dub.Clerk.Conversions;

/// <summary>Which customers are asked for.</summary>
internal sealed record CustomerQuery
{
    public string? Email { get; init; }

    public string? LinkId { get; init; }

    public string? Country { get; init; }

    /// <summary>What the name, the e-mail address or the external id contains, whatever the case.</summary>
    public string? Search { get; init; }

    /// <summary>The narrowest index that has them all.</summary>
    public string Index => Email is not null ? CustomerIndexes.OfEmail(Email)
        : LinkId is not null ? CustomerIndexes.OfLink(LinkId)
        : Country is not null ? CustomerIndexes.OfCountry(Country)
        : CustomerIndexes.All;

    public bool Matches(Customer customer)
        => (Email is null || customer.Email == Email)
            && (LinkId is null || customer.LinkId == LinkId)
            && (Country is null || customer.Country == Country)
            && (Search is null || Contains(customer.Name) || Contains(customer.Email) || Contains(customer.ExternalId));

    private bool Contains(string? text) => text?.Contains(Search!, StringComparison.OrdinalIgnoreCase) is true;
}
