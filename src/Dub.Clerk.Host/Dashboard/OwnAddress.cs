using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>Where this host can be reached from the machine it runs on.</summary>
internal sealed class OwnAddress(IServer server)
{
    /// <returns>Null while it does not listen.</returns>
    public Uri? Find()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return addresses.Select(Reachable).OfType<Uri>().OrderBy(address => address.Scheme, StringComparer.Ordinal).FirstOrDefault();
    }

    /// <summary>An address that means all of the machine's is reached as localhost.</summary>
    private static Uri? Reachable(string address)
    {
        var bound = BindingAddress.Parse(address);
        if (bound.IsUnixPipe || bound.IsNamedPipe)
        {
            return null;
        }

        var isAny = !IPAddress.TryParse(bound.Host.Trim('[', ']'), out var ip) ? bound.Host is "*" or "+" : ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any);
        return new UriBuilder(bound.Scheme, isAny ? "localhost" : bound.Host, bound.Port).Uri;
    }
}
