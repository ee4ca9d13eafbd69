using Dub.Clerk.Attribution;

namespace Dub.Clerk.Host.Doctor;

/// <summary>Whether the origins of the app and the cookie's domain fit each other. That each is well-formed is for the settings to say.</summary>
internal sealed class OriginExamination(Installation installation) : IExamination
{
    /// <summary>Below these everybody may have a host, so that browsers take no cookie for all of it. Not all there are: those that apps are often on.</summary>
    private static readonly string[] Shared =
    [
        "vercel.app", "netlify.app", "pages.dev", "workers.dev", "fly.dev", "onrender.com", "herokuapp.com", "azurewebsites.net", "github.io", "web.app", "firebaseapp.com",
        "ngrok.app", "ngrok-free.app", "trycloudflare.com", "up.railway.app", "accounts.dev",
    ];

    private static readonly string[] SecondLevels = ["co", "com", "net", "org", "gov", "ac", "edu", "ne", "or"];

    public string Subject => "Origins and cookie";

    public Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var parties = installation.Options.AuthorizedParties.Where(party => WebAddress.TryParse(party, out _)).Select(party => new Uri(party)).ToList();
        List<Finding> findings = [.. Parties(parties), .. Domain(parties)];
        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private IEnumerable<Finding> Parties(List<Uri> parties)
    {
        if (parties.Count == 0 && installation.PublishableKey is not null)
        {
            yield return Finding.Note("Session tokens issued to any origin of the Clerk instance are accepted.", "List your app's origins in DubClerk__AuthorizedParties__0, such as https://app.example.com.");
        }

        foreach (var party in parties)
        {
            yield return party.Scheme != Uri.UriSchemeHttps && !party.IsLoopback
                ? Finding.Fault($"The authorized party {party.GetLeftPart(UriPartial.Authority)} is not https.", "Serve the app over https, and list that origin.")
                : party.IsLoopback && installation.PublishableKey is { IsProduction: true }
                ? Finding.Note($"The authorized party {party.GetLeftPart(UriPartial.Authority)} is a developer's machine, and the Clerk instance is the production one.", "Take it out of DubClerk:AuthorizedParties.")
                : Finding.Ok($"Session tokens issued to {party.GetLeftPart(UriPartial.Authority)} are accepted.");
        }

        if (installation.PublicAddress is { } address && parties.Count > 0 && !parties.Exists(party => IsSameOrigin(party, address)))
        {
            yield return Finding.Note(
                $"{address.GetLeftPart(UriPartial.Authority)} is no authorized party.", "If users sign in on its pages, add it to DubClerk:AuthorizedParties; if only webhooks and links come there, all is well.");
        }
    }

    private IEnumerable<Finding> Domain(List<Uri> parties)
    {
        if (installation.Options.CookieDomain?.Trim() is not { Length: > 0 } domain)
        {
            yield return Finding.Ok("The click's cookie is for the host alone (DubClerk:CookieDomain is not set).");
            yield break;
        }

        if (domain.Contains("//", StringComparison.Ordinal) || domain.Contains(':', StringComparison.Ordinal) || domain.Contains('/', StringComparison.Ordinal))
        {
            yield return Finding.Fault("DubClerk:CookieDomain is an address with a scheme, a port or a path.", "Write the domain alone, such as example.com.");
            yield break;
        }

        if (IsShared(domain.TrimStart('.')))
        {
            yield return Finding.Fault($"DubClerk:CookieDomain is {domain}, which many owners share; browsers refuse a cookie for it.", "Leave DubClerk:CookieDomain out, or name a domain that is yours.");
            yield break;
        }

        var addresses = installation.PublicAddress is { } address ? parties.Append(address) : parties;
        foreach (var host in addresses.Select(one => one.Host).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            yield return ClickCookie.DomainFor(host, domain) is null
                ? Finding.Fault($"{host} is outside of DubClerk:CookieDomain ({domain}), so the cookie set there is for {host} alone and not shared.", $"Name a domain that {host} is in, or leave DubClerk:CookieDomain out.")
                : Finding.Ok($"{host} shares the click's cookie with all of {domain}.");
        }
    }

    private static bool IsShared(string domain)
        => Shared.Contains(domain, StringComparer.OrdinalIgnoreCase)
            || (domain.Split('.') is [var second, { Length: 2 }] && SecondLevels.Contains(second, StringComparer.OrdinalIgnoreCase));

    private static bool IsSameOrigin(Uri one, Uri other) => Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
