namespace Dub.Clerk.Conversions;

/// <summary>What made a click, in Dub's words.</summary>
internal static class ClickTrigger
{
    /// <summary>A short link was followed, or a page reported that its visitor came by one.</summary>
    public const string Link = "link";

    /// <summary>The link's QR code was scanned.</summary>
    public const string Qr = "qr";

    /// <summary>A page was opened on a site whose visits are counted.</summary>
    public const string PageView = "pageview";
}
