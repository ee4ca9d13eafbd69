using System.Security.Cryptography;
using System.Text;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.Secrets;

namespace Dub.Clerk.Host.Links;

/// <summary>Reads who follows a link from the request: the address from the connection, the place from headers of a proxy alone. What is here of both,
/// <see cref="TrustedProxies"/> lets through.</summary>
internal sealed class VisitorReader(HostOptions options, LiveSecrets secrets)
{
    public const string NoTrack = "dub-no-track";

    private const int MaxUserAgent = 512;
    private const int MaxPlace = 100;

    public Visitor Read(HttpContext context)
    {
        var request = context.Request;
        var userAgent = request.Headers.UserAgent.ToString();
        var country = Country(request);
        return new Visitor
        {
            Hash = Convert.ToHexStringLower(HMACSHA256.HashData(secrets.Current.VisitorKey, Encoding.UTF8.GetBytes($"{context.Connection.RemoteIpAddress.Plain()}-{userAgent}"))),
            UserAgent = userAgent.Length == 0 ? null : userAgent.Length > MaxUserAgent ? userAgent[..MaxUserAgent] : userAgent,
            Agent = UserAgentInfo.Of(userAgent),
            Country = country,
            Continent = Letters(Header(request, options.Proxy.ContinentHeader)) ?? Continents.Of(country),
            Region = Place(Header(request, options.Proxy.RegionHeader)),
            City = Place(Header(request, options.Proxy.CityHeader)),
            Counts = !HttpMethods.IsHead(request.Method) && !request.Query.ContainsKey("bot") && !Bots.IsBot(userAgent)
                && !request.Query.ContainsKey(NoTrack) && !request.Headers.ContainsKey(NoTrack),
        };
    }

    /// <summary>Cloudflare says XX where it does not know.</summary>
    private string? Country(HttpRequest request) => Letters(Header(request, options.Proxy.CountryHeader)) is { } country && country != "XX" ? country : null;

    private static string? Letters(string? code) => code is { Length: 2 } && code.All(char.IsAsciiLetter) ? code.ToUpperInvariant() : null;

    /// <summary>A name, which proxies write percent-encoded where it is not ASCII.</summary>
    private static string? Place(string? text)
    {
        var name = text is null ? string.Empty : Uri.UnescapeDataString(text).Trim();
        return name.Length is 0 or > MaxPlace || name.Any(char.IsControl) ? null : name;
    }

    private static string? Header(HttpRequest request, string? name)
        => name is not null && request.Headers[name].ToString() is { Length: > 0 } value ? value : null;
}
