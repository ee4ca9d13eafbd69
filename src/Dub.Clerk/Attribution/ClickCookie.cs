using System.Net;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Attribution;

/// <summary>The cookie <c>dub_id</c>: written as Dub's browser script writes it, so that both can share it, and removed wherever either may
/// have put it.</summary>
internal static class ClickCookie
{
    public const string Name = "dub_id";

    /// <summary>Dub's script keeps the partner behind a click here; it must not outlive the click.</summary>
    private const string PartnerName = "dub_partner_data";

    public static void Write(HttpContext context, string clickId, DubClerkOptions options) => context.Response.Cookies.Append(Name, clickId, new CookieOptions
    {
        Path = "/",
        MaxAge = options.CookieLifetime,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        // Dub's script reads it.
        HttpOnly = false,
        IsEssential = true,
        Domain = DomainFor(context.Request.Host.Host, options.CookieDomain),
    });

    /// <summary>Expires the cookie host-only and on every parent domain: cookies that differ in that are different cookies, Dub's script uses
    /// the domain, and what is left behind would credit the next account in this browser to the same click.</summary>
    public static void Expire(HttpContext context)
    {
        foreach (var name in (ReadOnlySpan<string>)[Name, PartnerName])
        {
            Expire(context, name, domain: null);
            foreach (var domain in ParentDomains(context.Request.Host.Host))
            {
                Expire(context, name, domain);
            }
        }
    }

    /// <summary>The domains a page on this host could have put a cookie on: the host itself, then its parents, without the top level.</summary>
    internal static IEnumerable<string> ParentDomains(string host)
    {
        if (IPAddress.TryParse(host, out _))
        {
            yield break;
        }

        for (var domain = host; domain.Contains('.', StringComparison.Ordinal); domain = domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            yield return domain;
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
