using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Dub.Clerk.Host.Api;

/// <summary>A short link to create. Described here for the API document; read by <see cref="JsonBody"/>.</summary>
internal sealed record CreateLinkRequest
{
    [Description("Where the link leads. https:// is assumed where no scheme is given.")]
    [MaxLength(32000)]
    public required string Url { get; init; }

    [Description("The short domain. The first configured one when left out.")]
    [MaxLength(190)]
    public string? Domain { get; init; }

    [Description("The part after the domain, not case-sensitive. Seven random letters and digits when left out.")]
    [MaxLength(190)]
    public string? Key { get; init; }

    [Description("Whether a click is handed on to the target as ?dub_id=…, without which no sign-up can be credited to it.")]
    public bool TrackConversion { get; init; }
}
