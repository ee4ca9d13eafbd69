namespace Dub.Clerk.Host.Links;

/// <summary>First path segments that are the host's own: a short link there could never be reached.</summary>
internal static class ReservedKeys
{
    private static readonly HashSet<string> Segments = new(StringComparer.OrdinalIgnoreCase)
    {
        ".well-known", "analytics", "api", "attribution", "customers", "dashboard", "events", "favicon.ico", "health", "links", "openapi", "outbox", "reconcile", "robots.txt",
        "scalar", "track", "webhooks", "welcome", "_framework", "_blazor", "_content",
    };

    public static bool Contains(string key) => Segments.Contains(key.Split('/', 2)[0]);
}
