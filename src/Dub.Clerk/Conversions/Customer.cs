namespace Dub.Clerk.Conversions;

/// <summary>Somebody a lead was recorded for, or is going to be.</summary>
public sealed record Customer
{
    internal Customer()
    {
    }

    /// <summary>Ours, <c>cus_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The app's: for a sign-up the Clerk user id.</summary>
    public required string ExternalId { get; init; }

    /// <summary>The name given with the first lead, else the e-mail address, else a random one for people to tell customers apart.</summary>
    public string? Name { get; init; }

    /// <summary>The e-mail address given with the first lead.</summary>
    public string? Email { get; init; }

    /// <summary>The address of a picture.</summary>
    public string? Avatar { get; init; }

    /// <summary>Where the click came from: ISO 3166-1, two letters.</summary>
    public string? Country { get; init; }

    /// <summary>The link that brought the customer.</summary>
    public string? LinkId { get; init; }

    /// <summary>The click that brought the customer.</summary>
    public string? ClickId { get; init; }

    /// <summary>How many sales were recorded.</summary>
    public long Sales { get; init; }

    /// <summary>What they come to, in cents.</summary>
    public long SaleAmount { get; init; }

    /// <summary>When the first was.</summary>
    public DateTimeOffset? FirstSaleAt { get; init; }

    /// <summary>When the customer was created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The external id at creation, under which everything of the customer is kept.</summary>
    internal string Home { get; init; } = string.Empty;

    /// <summary>The click, longer than clicks are kept.</summary>
    internal Click? Click { get; init; }
}
