using System.Globalization;
using System.Net;
using System.Text;
using Dub.Clerk.Conversions;
using Microsoft.AspNetCore.WebUtilities;

namespace Dub.Clerk.Host.Links;

/// <summary>How the addresses of short links and their targets are written.</summary>
internal static class LinkAddress
{
    /// <summary>What may be read from and written into a target, beside the visitor's own: the field of a link and the parameter of its target have
    /// one name.</summary>
    public static readonly IReadOnlyList<string> UtmParameters = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];

    /// <summary>The host alone: lower case, without scheme, port, path and <c>www.</c>; empty where there is none.</summary>
    public static string NormalizeDomain(string domain)
    {
        var text = domain.Trim().ToLowerInvariant();
        return WebAddress.TryParse(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, out var uri) ? WithoutWww(HostOf(uri)) : string.Empty;
    }

    /// <summary>The host as browsers send it, which is ASCII; empty where there is none.</summary>
    public static string HostOf(Uri uri)
    {
        try
        {
            // Labels that IDN refuses are left as they are.
            return Ascii.IsValid(uri.IdnHost) ? uri.IdnHost : string.Empty;
        }
        catch (UriFormatException)
        {
            // Taken for a host name by the parser, and by nobody else.
            return string.Empty;
        }
    }

    public static string WithoutWww(string host) => host.StartsWith("www.", StringComparison.Ordinal) ? host[4..] : host;

    /// <summary>Letters, digits, <c>_ - / .</c> and what is not ASCII.</summary>
    public static bool IsValidKey(string key)
        => key is { Length: > 0 and <= 190 } && !key.StartsWith('/') && !key.EndsWith('/')
            && !key.Split('/').Any(segment => segment is "" or "." or "..")
            && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '/' or '.' || (!char.IsAscii(c) && !char.IsControl(c) && !char.IsWhiteSpace(c)));

    /// <summary>The target as it is stored, with a scheme; null when a browser could not follow it.</summary>
    public static string? ParseTarget(string url)
    {
        var text = url.Trim();
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            if (HasOtherScheme(text))
            {
                return null;
            }

            text = "https://" + text;
        }

        if (!WebAddress.TryParse(text, out var uri) || uri.Scheme is not ("http" or "https") || HostOf(uri) is not { Length: > 0 } host)
        {
            return null;
        }

        // A header takes ASCII only, so the host is kept as browsers send it.
        var user = uri.UserInfo.Length > 0 ? uri.UserInfo + "@" : string.Empty;
        var server = uri.HostNameType == UriHostNameType.IPv6 ? $"[{host}]" : host;
        var port = uri.IsDefaultPort ? string.Empty : string.Create(CultureInfo.InvariantCulture, $":{uri.Port}");
        return WebAddress.TryParse($"{uri.Scheme}://{user}{server}{port}{uri.PathAndQuery}{uri.Fragment}", out var ascii) ? ascii.AbsoluteUri : null;
    }

    /// <summary>As Dub writes it; on a loopback domain with the scheme and port that reach this host.</summary>
    public static string ShortLink(HttpRequest request, Link link) => ShortLink(request.Scheme, request.Host.Port, link);

    /// <inheritdoc cref="ShortLink(HttpRequest, Link)"/>
    public static string ShortLink(Uri host, Link link) => ShortLink(host.Scheme, host.IsDefaultPort ? null : host.Port, link);

    private static string ShortLink(string scheme, int? port, Link link)
    {
        var isLocal = link.Domain == "localhost" || (IPAddress.TryParse(link.Domain, out var ip) && IPAddress.IsLoopback(ip));
        var origin = isLocal ? string.Create(CultureInfo.InvariantCulture, $"{scheme}://{link.Domain}{(port is null ? string.Empty : ":")}{port}") : "https://" + link.Domain;
        return link.Key == Link.RootKey ? origin : $"{origin}/{link.Key}";
    }

    public static Dictionary<string, string> ReadQuery(string url)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        return query < 0
            ? []
            : QueryHelpers.ParseQuery(url[query..].Split('#')[0]).ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);
    }

    /// <summary>The target with this parameter set, where the first of its name was, or at the end; without it, where the value is empty. Every
    /// other parameter stays as it was encoded.</summary>
    public static string SetParameter(string url, string name, string? value)
    {
        var hash = url.IndexOf('#', StringComparison.Ordinal);
        var (address, fragment) = hash < 0 ? (url, string.Empty) : (url[..hash], url[hash..]);
        var question = address.IndexOf('?', StringComparison.Ordinal);
        var parameters = question < 0 ? [] : address[(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries).ToList();
        var at = parameters.FindIndex(IsIt);
        parameters.RemoveAll(IsIt);
        if (!string.IsNullOrEmpty(value))
        {
            parameters.Insert(at < 0 ? parameters.Count : at, $"{name}={Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal)}");
        }

        return (question < 0 ? address : address[..question]) + (parameters.Count == 0 ? string.Empty : "?" + string.Join('&', parameters)) + fragment;

        bool IsIt(string parameter) => Uri.UnescapeDataString(parameter.Split('=', 2)[0].Replace('+', ' ')) == name;
    }

    /// <summary><c>mailto:x</c> has a scheme, <c>localhost:80</c> a port.</summary>
    private static bool HasOtherScheme(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && !text.AsSpan(0, colon).ContainsAny("/?#@") && !(colon + 1 < text.Length && char.IsAsciiDigit(text[colon + 1]));
    }
}
