namespace Dub.Clerk.Conversions;

/// <summary>Which links are asked for.</summary>
internal sealed record LinkQuery
{
    public string? Domain { get; init; }

    public string? TenantId { get; init; }

    /// <summary>What the short link or the target contains, whatever the case.</summary>
    public string? Search { get; init; }

    /// <summary>Archived ones as well.</summary>
    public bool WithArchived { get; init; }

    /// <summary>The narrowest index that has them all.</summary>
    public string Index => TenantId is not null ? LinkIndexes.OfTenant(TenantId) : Domain is not null ? LinkIndexes.OfDomain(Domain) : LinkIndexes.All;

    /// <summary>Whether the index has no others.</summary>
    public bool IsIndexed => Search is null && (TenantId is null || Domain is null);

    public bool Matches(Link link)
        => (Domain is null || link.Domain == Domain)
            && (TenantId is null || link.TenantId == TenantId)
            && (WithArchived || !link.Archived)
            && (Search is null || ("https://" + link.Name).Contains(Search, StringComparison.OrdinalIgnoreCase) || link.Url.Contains(Search, StringComparison.OrdinalIgnoreCase));
}
