using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Dub.Clerk.Host.Api;

/// <summary>A short link to create. Described here for the API document; read by <see cref="LinkInput"/>.</summary>
internal sealed record CreateLinkRequest : UpdateLinkRequest
{
    [Description("Where the link leads: http or https, which is assumed where no scheme is given.")]
    [MaxLength(32000)]
    public new required string Url { get; init; }

    [Description("How long a drawn key is, without the prefix.")]
    [DefaultValue(7)]
    [Range(3, 190)]
    public int? KeyLength { get; init; }

    [Description("What a drawn key begins with: c makes c/….")]
    [MaxLength(190)]
    public string? Prefix { get; init; }
}

/// <summary>What several links shall be.</summary>
internal sealed record UpdateLinksRequest
{
    [Description("Which: at most 100, together with externalIds.")]
    public IReadOnlyList<string>? LinkIds { get; init; }

    [Description("Which, by your own ids.")]
    public IReadOnlyList<string>? ExternalIds { get; init; }

    [Description("What they shall be; domain, key and externalId are left as they are.")]
    public required UpdateLinkRequest Data { get; init; }
}
