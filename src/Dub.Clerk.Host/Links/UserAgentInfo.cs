namespace Dub.Clerk.Host.Links;

/// <summary>What a user agent says of device, browser and system, in the words of Dub's lists. Browsers call themselves each other's names, so the
/// first that fits in this order counts.</summary>
internal readonly record struct UserAgentInfo(string Device, string? Browser, string? Os)
{
    public const string Ios = "iOS";
    public const string Android = "Android";

    private static readonly (string Part, string Name)[] Browsers =
    [
        ("FBAN/", "Facebook"), ("FBAV/", "Facebook"), ("Instagram", "Instagram"), ("MicroMessenger", "WeChat"), ("musical_ly", "TikTok"), ("TikTok", "TikTok"),
        ("LinkedInApp", "LinkedIn"), ("EdgiOS/", "Edge"), ("EdgA/", "Edge"), ("Edg/", "Edge"), ("Edge/", "Edge"), ("OPR/", "Opera"), ("OPiOS/", "Opera"),
        ("Opera", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("YaBrowser/", "Yandex"), ("Vivaldi/", "Vivaldi"), ("DuckDuckGo/", "DuckDuckGo"),
        ("UCBrowser/", "UCBrowser"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("HeadlessChrome/", "Chrome Headless"),
        ("Chromium/", "Chromium"), ("Chrome/", "Chrome"), ("MSIE ", "IE"), ("Trident/", "IE"),
    ];

    private static readonly (string Part, string Name)[] Systems =
    [
        ("Windows Phone", "Windows Phone"), ("Windows", "Windows"), ("iPhone", Ios), ("iPad", Ios), ("iPod", Ios), ("Android", Android), ("CrOS", "Chrome OS"),
        ("Macintosh", "Mac OS"), ("Mac OS X", "Mac OS"), ("Ubuntu", "Ubuntu"), ("Linux", "Linux"),
    ];

    public static UserAgentInfo Of(string userAgent)
    {
        var browser = Find(Browsers, userAgent) ?? (!Has(userAgent, "Safari/") ? null : Has(userAgent, "Mobile/") ? "Mobile Safari" : "Safari");
        return new UserAgentInfo(DeviceOf(userAgent), browser, Find(Systems, userAgent));
    }

    private static string DeviceOf(string userAgent)
        => Has(userAgent, "iPad") || Has(userAgent, "Tablet") || (Has(userAgent, "Android") && !Has(userAgent, "Mobile")) ? "Tablet"
            : Has(userAgent, "Mobi") || Has(userAgent, "iPhone") || Has(userAgent, "iPod") ? "Mobile"
            : "Desktop";

    private static string? Find((string Part, string Name)[] known, string userAgent) => known.FirstOrDefault(entry => Has(userAgent, entry.Part)).Name;

    private static bool Has(string userAgent, string part) => userAgent.Contains(part, StringComparison.Ordinal);
}
