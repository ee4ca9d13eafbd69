using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Dub.Clerk.Host.Links;

/// <summary>Reads who follows a link from the request: the address from the connection, or from the header of a proxy that is configured, and the
/// place from such headers alone.</summary>
internal sealed class VisitorReader(HostOptions options)
{
    public const string NoTrack = "dub-no-track";

    private const int MaxUserAgent = 512;
    private const int MaxPlace = 100;

    /// <summary>Of the API key, which every host on the same store has: without it nobody can try out addresses against the hashes.</summary>
    private readonly byte[] _key = SHA256.HashData(Encoding.UTF8.GetBytes("dub-clerk visitor " + options.ApiKey));

    public Visitor Read(HttpContext context)
    {
        var request = context.Request;
        var userAgent = request.Headers.UserAgent.ToString();
        var country = Country(request);
        return new Visitor
        {
            Hash = Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{Address(context)}-{userAgent}"))),
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

    /// <summary>The last address in the header, with or without a port: the one the proxy wrote itself. Those before it are what the client said.</summary>
    private string? Address(HttpContext context)
    {
        var said = Header(context.Request, options.Proxy.AddressHeader)?.Split(',')[^1].Trim();
        var address = said is not null && IPEndPoint.TryParse(said, out var parsed) ? parsed.Address : context.Connection.RemoteIpAddress;
        return (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
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
