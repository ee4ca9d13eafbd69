using System.Net;

namespace Dub.Clerk.Host.Network;

/// <summary>What is believed of a visitor because a proxy before the host says it. Nothing is, unless the proxy is named.</summary>
internal sealed record ProxyOptions
{
    /// <summary><c>DubClerk:Proxy:Trusted</c>: the proxies, each an address or a network such as <c>10.0.0.0/8</c>. Their <c>X-Forwarded-For</c>,
    /// <c>X-Forwarded-Proto</c> and the headers named below are believed, nobody else's. Default none.</summary>
    public IReadOnlyList<IPNetwork> Trusted { get; init; } = [];

    /// <summary>The visitor's address, where it is not in <c>X-Forwarded-For</c>, such as <c>CF-Connecting-IP</c>; of several, the last.</summary>
    public string? AddressHeader { get; init; }

    public string? CountryHeader { get; init; }

    public string? ContinentHeader { get; init; }

    public string? RegionHeader { get; init; }

    public string? CityHeader { get; init; }

    /// <summary>All headers that only a proxy may write.</summary>
    public IEnumerable<string> Headers
        => new[] { "X-Forwarded-For", "X-Forwarded-Proto", AddressHeader, CountryHeader, ContinentHeader, RegionHeader, CityHeader }.OfType<string>();

    public bool Trusts(IPAddress? peer)
    {
        var address = peer.Plain();
        return address is not null && Trusted.Any(network => network.Contains(address));
    }

    public static bool TryParse(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        // Of length 0 it would be everybody.
        return IPNetwork.TryParse(text, out network) && network.PrefixLength > 0;
    }
}
