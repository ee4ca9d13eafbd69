using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Dub.Clerk.Host.Network;

/// <summary>Ports of this machine that nobody listens on. They are below those that the system gives to connections, one of which could have the port before who
/// asked for it does.</summary>
internal static class FreePort
{
    private const int First = 15_000;
    private const int End = 32_000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <returns>One that was not given to anybody in this process before.</returns>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            if (!IsListenedOn(port) && Given.TryAdd(port, true))
            {
                return port;
            }
        }
    }

    public static bool IsListenedOn(int port) => IsListenedOn(IPAddress.Loopback, port) || IsListenedOn(IPAddress.IPv6Loopback, port);

    private static bool IsListenedOn(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            // A machine without IPv6 has no such address for anybody.
            return false;
        }
    }
}
