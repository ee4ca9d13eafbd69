namespace Dub.Clerk.Host.Links;

/// <summary>Who follows a link, as far as a request tells and we keep it: no address, only a keyed hash of it with the user agent.</summary>
internal sealed record Visitor
{
    /// <summary>The same for the same address and user agent.</summary>
    public required string Hash { get; init; }

    public required string? UserAgent { get; init; }

    public required UserAgentInfo Agent { get; init; }

    /// <summary>Null, as are the three others, where no header of a proxy says it.</summary>
    public required string? Country { get; init; }

    public required string? Continent { get; init; }

    public required string? Region { get; init; }

    public required string? City { get; init; }

    /// <summary>Whether a click of this request counts: neither a machine's, nor one whose sender asked not to be counted.</summary>
    public required bool Counts { get; init; }
}
