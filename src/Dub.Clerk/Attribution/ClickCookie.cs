using Dub.Clerk.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Attribution;

/// <summary>The cookie <c>dub_id</c>: written as Dub's browser script writes it, so that both can share it, and removed wherever either may
/// have put it.</summary>
internal static class ClickCookie
{
    public const string Name = "dub_id";

    /// <summary>Dub's script keeps the partner behind a click here; it must not outlive the click.</summary>
    private const string PartnerName = "dub_partner_data";

    /// <summary>Of a host name, in DNS.</summary>
    private const int MaxHostLength = 253;

    /// <summary>Of a host below which cookies are looked for: more are not seen in practice.</summary>
    private const int MaxLabels = 6;

    /// <summary>The click in the cookie. Several cookies can have the name, because host and domain ones are different cookies: what can be a
    /// click goes before what cannot, and of clicks the one that <paramref name="model"/> asks for, as far as the order tells.</summary>
    public static string? Read(StringValues header, AttributionModel model)
    {
        string? found = null;
        var cookies = new CookieHeader(header);
        while (cookies.MoveNext())
        {
            if (cookies.Value.IsEmpty || !cookies.Name.SequenceEqual(Name))
            {
                continue;
            }

            var isClick = ClickId.IsValid(cookies.Value);
            if (isClick && model == AttributionModel.FirstClick)
            {
                return cookies.Value.ToString();
            }

            found = isClick || found is null ? cookies.Value.ToString() : found;
        }

        return found;
    }

    /// <param name="context">The request.</param>
    /// <param name="value">The click.</param>
    /// <param name="options">Its domain and lifetime.</param>
    /// <param name="replaces">Whether the browser has a cookie of the name: it may be on another domain, and must not stand beside this one.</param>
    public static void Write(HttpContext context, string value, DubClerkOptions options, bool replaces)
    {
        var domain = DomainFor(context.Request.Host.Host, options.CookieDomain);
        if (replaces)
        {
            foreach (var other in DomainsOf(context.Request.Host.Host).Where(other => !string.Equals(other, domain, StringComparison.OrdinalIgnoreCase)))
            {
                Expire(context, Name, other);
            }
        }

        NeverCache(context);
        context.Response.Cookies.Append(Name, value, new CookieOptions
        {
            Path = "/",
            MaxAge = options.CookieLifetime,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            // Dub's script reads it.
            HttpOnly = false,
            IsEssential = true,
            Domain = domain,
        });
    }

    /// <summary>Expires the cookie host-only and on every parent domain: cookies that differ in that are different cookies, Dub's script uses
    /// the domain, and what is left behind would credit the next account in this browser to the same click.</summary>
    /// <param name="context">The request.</param>
    /// <param name="party">The origin that the verified token was issued to: behind an app that passes requests on, the browser knows that host and
    /// not the one in the request.</param>
    public static void Expire(HttpContext context, string? party)
    {
        NeverCache(context);
        var domains = DomainsOf(context.Request.Host.Host);
        if (WebAddress.TryParse(party, out var origin))
        {
            domains = domains.Concat(DomainsOf(origin.Host)).Distinct(StringComparer.OrdinalIgnoreCase);
        }

        foreach (var name in (ReadOnlySpan<string>)[Name, PartnerName])
        {
            foreach (var domain in domains)
            {
                Expire(context, name, domain);
            }
        }
    }

    /// <summary>Where a page on this host could have put a cookie: on the host alone (null), on its domain, and on the parents, without the top
    /// level. The host is what the client says it is, so the answer is short whatever that is.</summary>
    internal static IEnumerable<string?> DomainsOf(string host)
    {
        yield return null;
        if (host.Length > MaxHostLength || Uri.CheckHostName(host) != UriHostNameType.Dns)
        {
            yield break;
        }

        var labels = host.Split('.');
        for (var first = Math.Max(0, labels.Length - MaxLabels); first < labels.Length - 1; first++)
        {
            yield return string.Join('.', labels[first..]);
        }
    }

    /// <summary>The configured domain where the host is in it; a browser would refuse the cookie elsewhere.</summary>
    internal static string? DomainFor(string host, string? configured)
    {
        var domain = configured?.TrimStart('.');
        var inside = !string.IsNullOrEmpty(domain)
            && (host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith('.' + domain, StringComparison.OrdinalIgnoreCase));
        return inside ? domain : null;
    }

    /// <summary>A shared cache that stored this response would hand one visitor's cookie, or its end, to the next.</summary>
    private static void NeverCache(HttpContext context) => context.Response.OnStarting(
        static state =>
        {
            ((HttpResponse)state).Headers.CacheControl = "private, no-store";
            return Task.CompletedTask;
        },
        context.Response);

    public static bool IsClickOrInstallCheck(string value) => ClickId.IsValid(value) || value == ClickId.InstallCheck;

    private static void Expire(HttpContext context, string name, string? domain)
        => context.Response.Cookies.Append(name, string.Empty, new CookieOptions
        {
            Path = "/",
            Expires = DateTimeOffset.UnixEpoch,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            IsEssential = true,
            Domain = domain,
        });
}
