using Dub.Clerk.Conversions;

namespace Dub.Clerk.Host.Links;

/// <summary>Where a link leads whom.</summary>
internal static class Redirection
{
    /// <param name="link">What is followed.</param>
    /// <param name="visitor">By whom.</param>
    /// <param name="requested">What the visitor's address asks for (<c>redir_url</c>). Dub goes anywhere; here it stays on the site of the link's
    /// target, because a short domain that leads wherever its address says is a tool for phishing.</param>
    public static string Choose(Link link, Visitor visitor, string? requested)
    {
        var target = visitor.Agent.Os == UserAgentInfo.Ios && link.Ios is not null ? link.Ios
            : visitor.Agent.Os == UserAgentInfo.Android && link.Android is not null ? link.Android
            : visitor.Country is { } country && link.Geo?.TryGetValue(country, out var local) == true ? local
            : link.Url;
        return !string.IsNullOrEmpty(requested) && LinkAddress.ParseTarget(requested) is { } wanted && IsSameSite(link.Url, wanted) ? wanted : target;
    }

    /// <summary>The same host, without <c>www.</c>, or one below it; the same scheme and port.</summary>
    private static bool IsSameSite(string own, string wanted)
    {
        var (ours, theirs) = (new Uri(own), new Uri(wanted));
        var (site, host) = (LinkAddress.NormalizeDomain(own), LinkAddress.NormalizeDomain(wanted));
        return ours.Scheme == theirs.Scheme && ours.Port == theirs.Port && theirs.UserInfo.Length == 0
            && (host == site || (ours.HostNameType == UriHostNameType.Dns && host.EndsWith("." + site, StringComparison.Ordinal)));
    }
}
