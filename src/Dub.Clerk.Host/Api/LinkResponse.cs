using System.Text.Json.Serialization;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary>A link as Dub answers it. Every key is always there; what Dub.Clerk has no use for is null, false or empty.</summary>
internal record LinkResponse
{
    private const string Workspace = "ws_dubclerk";

    public LinkResponse(Link link, LinkCounters counters, string shortLink)
    {
        Id = link.Id;
        Domain = link.Domain;
        Key = link.Key;
        Url = link.Url;
        TrackConversion = link.TrackConversion;
        ShortLink = shortLink;
        QrCode = $"https://api.dub.co/qr?url={shortLink}?qr=1";
        Clicks = counters.Clicks;
        Leads = counters.Leads;
        LastClicked = counters.LastClicked is { } last ? DubTime.Format(last) : null;
        CreatedAt = DubTime.Format(link.CreatedAt);
        UpdatedAt = DubTime.Format(link.UpdatedAt);
        var query = LinkAddress.ReadQuery(link.Url);
        UtmSource = query.GetValueOrDefault("utm_source");
        UtmMedium = query.GetValueOrDefault("utm_medium");
        UtmCampaign = query.GetValueOrDefault("utm_campaign");
        UtmTerm = query.GetValueOrDefault("utm_term");
        UtmContent = query.GetValueOrDefault("utm_content");
    }

    public string Id { get; }

    public string Domain { get; }

    public string Key { get; }

    public string Url { get; }

    public bool TrackConversion { get; }

    public string? ExternalId { get; }

    public string? TenantId { get; }

    public string? ProgramId { get; }

    public string? PartnerId { get; }

    public bool Archived { get; }

    public string? ExpiresAt { get; }

    public string? ExpiredUrl { get; }

    public string? DisabledAt { get; }

    public string? Password { get; }

    public bool Proxy { get; }

    public string? Title { get; }

    public string? Description { get; }

    public string? Image { get; }

    public string? Video { get; }

    public bool Rewrite { get; }

    public bool DoIndex { get; }

    public string? Ios { get; }

    public string? Android { get; }

    public string? Geo { get; }

    public bool PublicStats { get; }

    public IReadOnlyList<string> Tags { get; } = [];

    public string? FolderId { get; }

    public string? Comments { get; }

    public string ShortLink { get; }

    public string QrCode { get; }

    [JsonPropertyName("utm_source")]
    public string? UtmSource { get; }

    [JsonPropertyName("utm_medium")]
    public string? UtmMedium { get; }

    [JsonPropertyName("utm_campaign")]
    public string? UtmCampaign { get; }

    [JsonPropertyName("utm_term")]
    public string? UtmTerm { get; }

    [JsonPropertyName("utm_content")]
    public string? UtmContent { get; }

    public string? TestVariants { get; }

    public string? TestStartedAt { get; }

    public string? TestCompletedAt { get; }

    public string? UserId { get; }

    public string WorkspaceId { get; } = Workspace;

    public long Clicks { get; }

    public long Leads { get; }

    public long Conversions { get; }

    public long Sales { get; }

    public long SaleAmount { get; }

    public string? LastClicked { get; }

    public string CreatedAt { get; }

    public string UpdatedAt { get; }

    public string? TagId { get; }

    public string ProjectId { get; } = Workspace;

    public IReadOnlyList<string> WebhookIds { get; } = [];
}
