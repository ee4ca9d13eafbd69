namespace Dub.Clerk.Host.Api;

/// <summary>An id in the path of a request.</summary>
internal static class RouteId
{
    /// <summary>Decodes the one character that routing leaves encoded.</summary>
    public static string Decode(string id) => id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
