using Dub.Clerk.Host.Network;

namespace Dub.Clerk.Host;

/// <summary>The host's own settings; the library's are in <see cref="DubClerkOptions"/>.</summary>
internal sealed record HostOptions
{
    /// <summary><c>DubClerk:ApiRequestsPerMinute</c>: how many calls each key may make in a minute, on all hosts of a store together. Default 0: as
    /// many as it likes.</summary>
    public int ApiRequestsPerMinute { get; init; }

    /// <summary><c>DUBCLERK_DATA_DIR</c>: where the embedded store and generated secrets are kept.</summary>
    public required string DataDirectory { get; init; }

    /// <summary><c>DubClerk:ShortDomains</c>: the domains links may be on; the first is the one used when a link names none.</summary>
    public required IReadOnlyList<string> ShortDomains { get; init; }

    /// <summary>Development takes links on any domain, localhost included.</summary>
    public required bool AnyDomain { get; init; }

    /// <summary><c>DubClerk:RedirectPatience</c>: how long a visitor who follows a short link waits for the store at the most. Default 200 ms. After
    /// that the link leads where it led last, and its click is counted as unrecorded.</summary>
    public required TimeSpan RedirectPatience { get; init; }

    /// <summary><c>DubClerk:TrackConversionByDefault</c>: whether a link that says nothing of it hands its clicks on. Default false, as in Dub.
    /// Until somebody says otherwise on the dashboard: <see cref="Api.LinkDefaults"/>.</summary>
    public required bool TrackConversionByDefault { get; init; }

    /// <summary><c>DubClerk:AllowedHostnames</c>: on whose pages browsers may track clicks, such as <c>example.com</c> or <c>*.example.com</c> for
    /// all below it. Default empty: on any.</summary>
    public required IReadOnlyList<string> AllowedHostnames { get; init; }

    /// <summary><c>DubClerk:Proxy</c>: what a proxy before the host says of a visitor.</summary>
    public required ProxyOptions Proxy { get; init; }

    /// <summary><c>DubClerk:RateLimits</c>: how much one address may ask for.</summary>
    public RateLimits RateLimits { get; init; } = new();

    /// <summary>Whether Dub's webhooks are received: when there is a secret to check them with.</summary>
    public required bool DubWebhooks { get; init; }

    /// <summary>Whether sessions can be checked. Without a publishable key the host takes webhooks and links only.</summary>
    public required bool Sessions { get; init; }

    /// <summary>The domain a link is created on; null where it is not ours.</summary>
    public string? FindDomain(string? requested)
    {
        if (string.IsNullOrEmpty(requested))
        {
            return ShortDomains.Count > 0 ? ShortDomains[0] : AnyDomain ? "localhost" : null;
        }

        var domain = Links.LinkAddress.NormalizeDomain(requested);
        return domain.Length > 0 && (AnyDomain || ShortDomains.Contains(domain, StringComparer.Ordinal)) ? domain : null;
    }

    /// <summary>The domain a page names; null where that is none. A name without a dot is one only if it is ours.</summary>
    public string? TrackableDomain(string? said)
    {
        var domain = Links.LinkAddress.NormalizeDomain(said ?? string.Empty);
        return domain.Length > 0 && (domain.Contains('.', StringComparison.Ordinal) || FindDomain(domain) is not null) ? domain : null;
    }
}
