using System.Net;

namespace Dub.Clerk.Host.Network;

/// <summary>Addresses as they are compared: one that an IPv6 socket has for IPv4 is an IPv4 address.</summary>
internal static class VisitorAddress
{
    public static IPAddress? Plain(this IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
