using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Dub.Clerk.Testing.StoreProcess;

/// <summary>An embedded store in a process of its own, which can be killed and started again on the same folder.</summary>
internal sealed class StoreInAProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-kill-");
    private readonly long _checkpointThreshold;
    private Process? _process;

    private StoreInAProcess(long checkpointThreshold)
    {
        _checkpointThreshold = checkpointThreshold;
    }

    /// <summary>Why this cannot run here; null when it can.</summary>
    public static string? UnsupportedReason => OperatingSystem.IsWindows() ? "the child's socket is a Unix socket" : null;

    public string Folder => _folder.FullName;

    public ConfigurationOptions ConfigurationOptions => new()
    {
        EndPoints = { new UnixDomainSocketEndPoint(Path.Combine(Folder, "store.sock")) },
        AbortOnConnectFail = false,

        // A busy machine is not what is tested: who is killed says so at once.
        AsyncTimeout = 60_000,
    };

    public static async Task<StoreInAProcess> StartAsync(long checkpointThreshold)
    {
        var store = new StoreInAProcess(checkpointThreshold);
        try
        {
            await store.StartAgainAsync();
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public async Task StartAgainAsync()
    {
        _process?.Dispose();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Dub.Clerk.Testing.dll"));
        start.ArgumentList.Add("store");
        start.ArgumentList.Add(Folder);
        start.ArgumentList.Add(_checkpointThreshold.ToString(CultureInfo.InvariantCulture));
        _process = Process.Start(start)!;
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Deadline);
        if (line is null || !line.StartsWith("READY", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("The store did not start; see its message on the error output.");
        }
    }

    /// <summary>Has the store rewrite its files in its next round.</summary>
    public Task EraseAsync() => _process!.StandardInput.WriteLineAsync();

    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
