using System.ComponentModel;

namespace Dub.Clerk.Host.Api;

/// <summary>A click that a page reports. Described here for the API document; read by <see cref="TrackClickApi"/>.</summary>
internal sealed record TrackClickRequest
{
    [Description("The short domain, as a host or a URL.")]
    public required string Domain { get; init; }

    [Description("The short link's key.")]
    public required string Key { get; init; }

    [Description("The page the visitor came to. The link's own URL when left out or no web address.")]
    public string? Url { get; init; }

    [Description("The page the visitor came from. Kept without its query.")]
    public string? Referrer { get; init; }
}

/// <summary>A page view that a page reports.</summary>
internal sealed record TrackVisitRequest
{
    [Description("The short domain whose links stand for the pages of the site.")]
    public required string Domain { get; init; }

    [Description("The page. Its path is the link's key; _root for the start page.")]
    public required string Url { get; init; }

    [Description("The page the visitor came from. Kept without its query.")]
    public string? Referrer { get; init; }
}

/// <summary>The click to keep in the cookie dub_id.</summary>
internal sealed record TrackClickResponse(
    [property: Description("16 letters and digits. The same for an hour; of a bot, one that was not recorded.")] string ClickId);
