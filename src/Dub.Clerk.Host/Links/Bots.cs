namespace Dub.Clerk.Host.Links;

/// <summary>Who follows links and is no visitor: crawlers, previews of links in messages, and programs.</summary>
internal static class Bots
{
    private static readonly string[] Parts =
    [
        "bot", "crawl", "spider", "slurp", "scrap", "http", "fetch", "curl", "wget", "python", "node", "ruby", "perl", "php", "java/", "axios", "undici",
        "postman", "insomnia", "facebookexternalhit", "facebookcatalog", "whatsapp", "preview", "embedly", "pinterest/", "vkshare", "quora link",
        "metainspector", "bitly", "google-inspectiontool", "mediapartners-google", "lighthouse", "pagespeed", "validator", "pingdom", "uptime", "monitoring",
    ];

    public static bool IsBot(string userAgent)
    {
        // A maker of telephones.
        var text = userAgent.Replace("cubot", string.Empty, StringComparison.OrdinalIgnoreCase);
        return Parts.Any(part => text.Contains(part, StringComparison.OrdinalIgnoreCase));
    }
}
