using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Dub.Clerk.Host.Api;

/// <summary>What a link shall be; what is left out stays as it is, and null clears. Described here for the API document; read by
/// <see cref="LinkInput"/>.</summary>
internal record UpdateLinkRequest
{
    [Description("Where the link leads: http or https, which is assumed where no scheme is given.")]
    [MaxLength(32000)]
    public string? Url { get; init; }

    [Description("The short domain. The first configured one when left out of a new link.")]
    [MaxLength(190)]
    public string? Domain { get; init; }

    [Description("The part after the domain, not case-sensitive: letters, digits, _ - / . and what is not ASCII. _root is the domain itself.")]
    [MaxLength(190)]
    public string? Key { get; init; }

    [Description("Your own id of the link; no other link has it. A leading ext_ is taken off.")]
    [MaxLength(255)]
    [MinLength(1)]
    public string? ExternalId { get; init; }

    [Description("Whose link it is in your system.")]
    [MaxLength(255)]
    public string? TenantId { get; init; }

    [Description("Whether a click is handed on to the target as ?dub_id=…, without which no sign-up can be credited to it.")]
    public bool? TrackConversion { get; init; }

    [Description("Archived links still lead on, and are listed only on demand.")]
    public bool? Archived { get; init; }

    [Description("Disabled links lead nowhere and count nothing. Not in Dub's own API, which only shows disabledAt.")]
    public bool? Disabled { get; init; }

    [Description("When the link stops leading to its target: an ISO 8601 date.")]
    public string? ExpiresAt { get; init; }

    [Description("Where it leads after that; without one the answer is 410.")]
    [MaxLength(32000)]
    public string? ExpiredUrl { get; init; }

    [Description("For you.")]
    [MaxLength(10000)]
    public string? Comments { get; init; }

    [Description("Kept for you, as are the title, description, image, video and publicStats.")]
    public bool? Proxy { get; init; }

    [Description("Cut at 120 characters.")]
    public string? Title { get; init; }

    [Description("Cut at 240 characters.")]
    public string? Description { get; init; }

    [MaxLength(32000)]
    [Description("A picture for previews.")]
    public string? Image { get; init; }

    [MaxLength(32000)]
    [Description("A video for previews.")]
    public string? Video { get; init; }

    [Description("Where the link leads on an iPhone or iPad.")]
    [MaxLength(32000)]
    public string? Ios { get; init; }

    [Description("Where the link leads on Android.")]
    [MaxLength(32000)]
    public string? Android { get; init; }

    [Description("Where the link leads in a country: ISO 3166-1 code to URL. Needs DubClerk:Proxy:CountryHeader.")]
    public IReadOnlyDictionary<string, string>? Geo { get; init; }

    [Description("Whether search engines may index the short link.")]
    public bool? DoIndex { get; init; }

    [Description("Kept for you.")]
    public bool? PublicStats { get; init; }

    [Description("Set in url, and taken out of it by null or an empty text; so are the other four and ref.")]
    [JsonPropertyName("utm_source")]
    [MaxLength(255)]
    public string? UtmSource { get; init; }

    [JsonPropertyName("utm_medium")]
    [MaxLength(255)]
    [Description("Set in url.")]
    public string? UtmMedium { get; init; }

    [JsonPropertyName("utm_campaign")]
    [MaxLength(255)]
    [Description("Set in url.")]
    public string? UtmCampaign { get; init; }

    [JsonPropertyName("utm_term")]
    [MaxLength(255)]
    [Description("Set in url.")]
    public string? UtmTerm { get; init; }

    [JsonPropertyName("utm_content")]
    [MaxLength(255)]
    [Description("Set in url.")]
    public string? UtmContent { get; init; }

    [MaxLength(255)]
    [Description("Set in url.")]
    public string? Ref { get; init; }
}
