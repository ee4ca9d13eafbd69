using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary>On whose pages browsers may track clicks. Browsers say truly which page a request is from, other programs whatever they like: it keeps
/// foreign sites out, not attackers.</summary>
internal static class AllowedHostnames
{
    private const string Wildcard = "*.";

    /// <summary>The refusal where the page's host is not among the allowed; null where it is, or all are.</summary>
    public static DubFault? Refuse(HttpRequest request, IReadOnlyList<string> allowed)
    {
        if (allowed.Count == 0)
        {
            return null;
        }

        var host = HostOf(request.Headers.Referer) ?? HostOf(request.Headers.Origin);
        return host is not null && allowed.Any(pattern => Matches(pattern, host))
            ? null
            : DubErrors.Forbidden(
                $"Request origin '{host ?? "null"}' is not included in the allowed hostnames for this workspace. Update your allowed hostnames here: https://app.dub.co/settings/tracking");
    }

    /// <summary><c>*.example.com</c> means what is below it, and not the domain itself.</summary>
    private static bool Matches(string pattern, string host)
        => pattern.StartsWith(Wildcard, StringComparison.Ordinal) ? host.EndsWith(pattern[1..], StringComparison.Ordinal) : host == pattern;

    private static string? HostOf(string? address)
        => WebAddress.TryParse(address, out var uri) && LinkAddress.HostOf(uri) is { Length: > 0 } host
            ? LinkAddress.WithoutWww(host.ToLowerInvariant())
            : null;
}
