using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Dub.Clerk.Host.Network;
using Garnet.server;
using Garnet.server.Auth.Settings;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Embedded;

/// <summary>How clients reach the store: a Unix socket in a private folder or, on Windows, loopback with a random password.</summary>
internal sealed class StoreEndpoint : IDisposable
{
    private const int ReconnectMilliseconds = 250;

    /// <summary>What fits in <c>sockaddr_un</c> everywhere: 104 bytes on macOS, 108 on Linux, one of them for the closing zero.</summary>
    private const int LongestSocketPath = 103;

    private readonly DirectoryInfo? _temporary;
    private readonly string? _password;

    private StoreEndpoint(EndPoint address, string? socketPath, string? password, DirectoryInfo? temporary)
    {
        Address = address;
        SocketPath = socketPath;
        _password = password;
        _temporary = temporary;
    }

    public EndPoint Address { get; }

    public string? SocketPath { get; }

    public static StoreEndpoint Create(string folder) => OperatingSystem.IsWindows() ? Loopback() : UnixSocket(folder);

    /// <summary>Where Unix file modes do not protect a socket. The password is new with each start and never written down.</summary>
    public static StoreEndpoint Loopback() => new(new IPEndPoint(IPAddress.Loopback, FreePort.Next()), null, RandomNumberGenerator.GetHexString(64), null);

    public void Apply(GarnetServerOptions options)
    {
        options.EndPoints = [Address];
        if (SocketPath is not null)
        {
            options.UnixSocketPath = SocketPath;
            options.UnixSocketPermission = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        if (_password is not null)
        {
            options.AuthSettings = new PasswordAuthenticationSettings(_password);
        }
    }

    public ConfigurationOptions Client() => new()
    {
        EndPoints = { Address },
        Password = _password,
        AbortOnConnectFail = false,
        ClientName = "dub-clerk",

        // It is in this process: to wait ever longer for it, as for a server that must not be stormed, keeps it away when it is back.
        ReconnectRetryPolicy = new LinearRetry(ReconnectMilliseconds),
    };

    public void Dispose()
    {
        if (SocketPath is not null)
        {
            File.Delete(SocketPath);
        }

        _temporary?.Delete(recursive: true);
    }

    private static StoreEndpoint UnixSocket(string folder)
    {
        var path = Path.Combine(folder, "store.sock");
        DirectoryInfo? temporary = null;
        if (System.Text.Encoding.UTF8.GetByteCount(path) > LongestSocketPath)
        {
            // Made with mode 0700.
            temporary = Directory.CreateTempSubdirectory("dub-");
            path = Path.Combine(temporary.FullName, "s");
        }

        return new StoreEndpoint(new UnixDomainSocketEndPoint(path), path, null, temporary);
    }
}
