using System.ComponentModel;
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
        ExternalId = link.ExternalId;
        TenantId = link.TenantId;
        Archived = link.Archived;
        ExpiresAt = DubTime.Format(link.ExpiresAt);
        ExpiredUrl = link.ExpiredUrl;
        DisabledAt = DubTime.Format(link.DisabledAt);
        Proxy = link.Proxy;
        Title = link.Title;
        Description = link.Description;
        Image = link.Image;
        Video = link.Video;
        DoIndex = link.DoIndex;
        Ios = link.Ios;
        Android = link.Android;
        Geo = link.Geo;
        PublicStats = link.PublicStats;
        Comments = link.Comments;
        ShortLink = shortLink;
        QrCode = $"https://api.dub.co/qr?url={shortLink}?qr=1";
        Clicks = counters.Clicks;
        Leads = counters.Leads;
        Conversions = counters.Conversions;
        Sales = counters.Sales;
        SaleAmount = counters.SaleAmount;
        LastClicked = DubTime.Format(counters.LastClicked);
        CreatedAt = DubTime.Format(link.CreatedAt);
        UpdatedAt = DubTime.Format(link.UpdatedAt);
        var query = LinkAddress.ReadQuery(link.Url);
        UtmSource = query.GetValueOrDefault("utm_source");
        UtmMedium = query.GetValueOrDefault("utm_medium");
        UtmCampaign = query.GetValueOrDefault("utm_campaign");
        UtmTerm = query.GetValueOrDefault("utm_term");
        UtmContent = query.GetValueOrDefault("utm_content");
    }

    [Description("Such as link_1KAP4CDPBSVMMBMH9XX3YZZ0Z.")]
    public string Id { get; }

    [Description("The short domain.")]
    public string Domain { get; }

    [Description("The part after the domain; _root for the domain itself.")]
    public string Key { get; }

    [Description("Where the link leads, with its utm_ parameters.")]
    public string Url { get; }

    [Description("Whether a click is handed on to the target as ?dub_id=…")]
    public bool TrackConversion { get; }

    [Description("Your own id of the link, without ext_.")]
    public string? ExternalId { get; }

    [Description("Whose link it is in your system.")]
    public string? TenantId { get; }

    [Description("Always null: there are no programs.")]
    public string? ProgramId { get; }

    [Description("Always null: there are no partners.")]
    public string? PartnerId { get; }

    [Description("Archived links still lead on, and are listed only on demand.")]
    public bool Archived { get; }

    [Description("When it stops leading to its target.")]
    public string? ExpiresAt { get; }

    [Description("Where it leads after that; without one the answer is 410.")]
    public string? ExpiredUrl { get; }

    [Description("Since when it leads nowhere and counts nothing.")]
    public string? DisabledAt { get; }

    [Description("Always null: there are no passwords.")]
    public string? Password { get; }

    [Description("Kept for you and not acted on, as are title, description, image, video and publicStats.")]
    public bool Proxy { get; }

    [Description("At most 120 characters.")]
    public string? Title { get; }

    [Description("At most 240 characters.")]
    public string? Description { get; }

    [Description("A picture for previews.")]
    public string? Image { get; }

    [Description("A video for previews.")]
    public string? Video { get; }

    [Description("Always false: there is no cloaking.")]
    public bool Rewrite { get; }

    [Description("Whether search engines may index the short link.")]
    public bool DoIndex { get; }

    [Description("Where it leads on an iPhone or iPad.")]
    public string? Ios { get; }

    [Description("Where it leads on Android.")]
    public string? Android { get; }

    [Description("Where it leads in a country: ISO 3166-1 code to URL.")]
    public IReadOnlyDictionary<string, string>? Geo { get; }

    [Description("Kept for you.")]
    public bool PublicStats { get; }

    [Description("Always empty: there are no tags.")]
    public IReadOnlyList<LinkTag> Tags { get; } = [];

    [Description("Always null: there are no folders.")]
    public string? FolderId { get; }

    [Description("For you.")]
    public string? Comments { get; }

    [Description("What visitors follow.")]
    public string ShortLink { get; }

    [Description("As Dub writes it; this host draws no QR codes.")]
    public string QrCode { get; }

    [JsonPropertyName("utm_source")]
    [Description("Read from url, as are the other four.")]
    public string? UtmSource { get; }

    [JsonPropertyName("utm_medium")]
    [Description("Read from url.")]
    public string? UtmMedium { get; }

    [JsonPropertyName("utm_campaign")]
    [Description("Read from url.")]
    public string? UtmCampaign { get; }

    [JsonPropertyName("utm_term")]
    [Description("Read from url.")]
    public string? UtmTerm { get; }

    [JsonPropertyName("utm_content")]
    [Description("Read from url.")]
    public string? UtmContent { get; }

    [Description("Always null: there are no A/B tests.")]
    public IReadOnlyList<string>? TestVariants { get; }

    [Description("Always null.")]
    public string? TestStartedAt { get; }

    [Description("Always null.")]
    public string? TestCompletedAt { get; }

    [Description("Always null: links belong to whoever has the API key.")]
    public string? UserId { get; }

    [Description("Always the same.")]
    public string WorkspaceId { get; } = Workspace;

    [Description("Counted once an hour and visitor, without bots.")]
    public long Clicks { get; }

    [Description("How many leads its clicks became.")]
    public long Leads { get; }

    [Description("How many customers its clicks became.")]
    public long Conversions { get; }

    [Description("How many sales its clicks became.")]
    public long Sales { get; }

    [Description("In cents.")]
    public long SaleAmount { get; }

    [Description("When a click was last counted.")]
    public string? LastClicked { get; }

    [Description("When it was created.")]
    public string CreatedAt { get; }

    [Description("When it was last changed.")]
    public string UpdatedAt { get; }

    [Description("Always null: there are no tags.")]
    public string? TagId { get; }

    [Description("The same as workspaceId.")]
    public string ProjectId { get; } = Workspace;

    [Description("Always empty: there are no webhooks of single links.")]
    public IReadOnlyList<string> WebhookIds { get; } = [];
}

/// <summary>A link as <c>/links</c> answers it: two more keys, which Dub's own tests demand there and refuse inside events.</summary>
internal sealed record FullLinkResponse : LinkResponse
{
    public FullLinkResponse(Link link, LinkCounters counters, string shortLink)
        : base(link, counters, shortLink)
    {
    }

    [Description("Always null.")]
    public string? Identifier { get; }

    [Description("Always null.")]
    public string? LinkRetentionCleanupDisabledAt { get; }
}

/// <summary>A tag of a link; there are none.</summary>
internal sealed record LinkTag(
    [property: Description("Such as tag_…")] string Id, [property: Description("For a person.")] string Name, [property: Description("For a person.")] string Color);
