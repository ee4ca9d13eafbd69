using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Dub.Clerk.Testing;

/// <summary>A real redis-server in a folder of its own that syncs every write, and a connection to it. Kills only the process it started.</summary>
internal sealed class RedisServerFixture : IAsyncDisposable
{
    private const string Binary = "redis-server";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-redis-");
    private readonly EndPoint _address;
    private Process? _process;

    private RedisServerFixture()
    {
        _address = new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, "s"));
    }

    /// <summary>Why tests that need it cannot run here; null when they can.</summary>
    public static string? MissingReason { get; } = Find() is null
        ? OperatingSystem.IsWindows() ? "redis-server does not run on Windows" : "redis-server is not on the PATH (Debian: apt-get install redis-server)"
        : null;

    public IConnectionMultiplexer Connection { get; private set; } = null!;

    public IDatabase Database => Connection.GetDatabase();

    /// <summary>How long a test waits for a store: a machine that is busy with other tests is no fault of the store's.</summary>
    public const int PatientMilliseconds = 60_000;

    public ConfigurationOptions ConfigurationOptions => new()
    {
        EndPoints = { _address },
        AbortOnConnectFail = false,
        AllowAdmin = true,
        ReconnectRetryPolicy = new LinearRetry(50),
        AsyncTimeout = PatientMilliseconds,
    };

    public static async Task<RedisServerFixture> StartAsync()
    {
        var fixture = new RedisServerFixture();
        try
        {
            fixture.Launch();
            await fixture.WaitUntilListeningAsync();
            fixture.Connection = await ConnectionMultiplexer.ConnectAsync(fixture.ConfigurationOptions);
            await fixture.WaitUntilReadyAsync();
        }
        catch
        {
            await fixture.DisposeAsync();
            throw;
        }

        return fixture;
    }

    /// <summary>Another connection, for tests in which several hosts share the server.</summary>
    public async Task<IConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync(ConfigurationOptions);

    /// <summary>As a power cut would, as far as a process can tell: no notice, no last words.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    /// <summary>Starts again on what the last one left. The connection reconnects by itself.</summary>
    public async Task RestartAsync()
    {
        Kill();
        _process?.Dispose();
        Launch();
        await WaitUntilReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Connection is not null)
        {
            await Connection.DisposeAsync();
        }

        Kill();
        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string? Find() => OperatingSystem.IsWindows()
        ? null
        : (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, Binary))
            .FirstOrDefault(File.Exists);

    private void Launch()
    {
        var start = new ProcessStartInfo(Find() ?? throw new InvalidOperationException(MissingReason))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] settings =
        [
            "--port", "0", "--unixsocket", _address.ToString()!, "--unixsocketperm", "700", "--dir", _folder.FullName,
            "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--logfile", Path.Combine(_folder.FullName, "log"),
        ];
        foreach (var setting in settings)
        {
            start.ArgumentList.Add(setting);
        }

        _process = Process.Start(start);
    }

    /// <summary>A client that finds nobody there waits out its whole connect time-out, so look first.</summary>
    private async Task WaitUntilListeningAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(_address);
                return;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(started) < Deadline && _process is { HasExited: false })
            {
                await Task.Delay(10);
            }
        }
    }

    private async Task WaitUntilReadyAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await Database.PingAsync();
                return;
            }
            catch (RedisException) when (Stopwatch.GetElapsedTime(started) < Deadline && _process is { HasExited: false })
            {
                await Task.Delay(20);
            }
        }
    }
}
