using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Dub.Clerk.Host.Api;

/// <summary>How much happened in all, in a part of the time, or for one of a group. What was not asked for is 0.</summary>
internal sealed record AnalyticsResponse
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("timeseries: when the part begins, in the time zone asked for.")]
    public string? Start { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("continents: two letters.")]
    public string? Continent { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("countries, regions and cities: ISO 3166-1.")]
    public string? Country { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("regions and cities: ISO 3166-2; in countries *.")]
    public string? Region { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("cities: the city; in countries and regions *.")]
    public string? City { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("devices: Desktop, Mobile or Tablet.")]
    public string? Device { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("browsers: such as Chrome.")]
    public string? Browser { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("os: such as Android.")]
    public string? Os { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("triggers: link, qr or pageview.")]
    public string? Trigger { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("referers: a host, or (direct).")]
    public string? Referer { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("referer_urls: a page without its query, or (direct).")]
    public string? RefererUrl { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("top_domains: a short domain.")]
    public string? Domain { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("top_urls and top_base_urls: where visitors were sent.")]
    public string? Url { get; init; }

    [JsonPropertyName("utm_source")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("utm_sources.")]
    public string? UtmSource { get; init; }

    [JsonPropertyName("utm_medium")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("utm_mediums.")]
    public string? UtmMedium { get; init; }

    [JsonPropertyName("utm_campaign")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("utm_campaigns.")]
    public string? UtmCampaign { get; init; }

    [JsonPropertyName("utm_term")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("utm_terms.")]
    public string? UtmTerm { get; init; }

    [JsonPropertyName("utm_content")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("utm_contents.")]
    public string? UtmContent { get; init; }

    [Description("Clicks.")]
    public required long Clicks { get; init; }

    [Description("Leads.")]
    public required long Leads { get; init; }

    [Description("Sales.")]
    public required long Sales { get; init; }

    [Description("What the sales come to, in cents.")]
    public required long SaleAmount { get; init; }
}

/// <summary>How much a link brought.</summary>
internal sealed record TopLinkResponse
{
    [Description("The same as id.")]
    public string Link => Id;

    [Description("The link.")]
    public required string Id { get; init; }

    [Description("Its short domain.")]
    public required string Domain { get; init; }

    [Description("Its key.")]
    public required string Key { get; init; }

    [Description("Its address.")]
    public required string ShortLink { get; init; }

    [Description("Its target.")]
    public required string Url { get; init; }

    [Description("Its title.")]
    public required string? Title { get; init; }

    [Description("Notes on it.")]
    public required string? Comments { get; init; }

    [Description("Always null.")]
    public string? FolderId { get; init; }

    [Description("Always null.")]
    public string? PartnerId { get; init; }

    [Description("When it was created.")]
    public required string CreatedAt { get; init; }

    [Description("Clicks.")]
    public required long Clicks { get; init; }

    [Description("Leads.")]
    public required long Leads { get; init; }

    [Description("Sales.")]
    public required long Sales { get; init; }

    [Description("What the sales come to, in cents.")]
    public required long SaleAmount { get; init; }
}
