using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dub.Clerk.Host.Network;

namespace Dub.Clerk.Testing;

/// <summary>One redis-server on a loopback port, in a folder of its own, that syncs every write: started, paused, killed. Ends only the process it
/// started.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Func<RedisNode, string[]> _arguments;
    private Process? _process;

    private RedisNode(Func<RedisNode, string[]> arguments) => _arguments = arguments;

    public int Port { get; } = FreePort.Next();

    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("dub-node-");

    public IPEndPoint Address => new(IPAddress.Loopback, Port);

    /// <summary>Connects a host that takes a pause for an end after a few seconds: not sooner, because a busy machine pauses too.</summary>
    public string ImpatientConnection => $"{Address},asyncTimeout=6000";

    /// <param name="settings">Further settings, which win.</param>
    public static Task<RedisNode> StartAsync(params string[] settings) => StartAsync(node =>
    [
        "--port", node.Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", node.Folder.FullName,
        "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--repl-diskless-sync-delay", "0",
        "--logfile", Path.Combine(node.Folder.FullName, "log"), .. settings,
    ]);

    /// <summary>With nothing set but what is said.</summary>
    public static async Task<RedisNode> StartAsync(Func<RedisNode, string[]> arguments)
    {
        var node = new RedisNode(arguments);
        try
        {
            await node.LaunchAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says something to the server, a command a line, and returns what it answers.</summary>
    public async Task<string> SayAsync(params string[] commands)
    {
        var start = new ProcessStartInfo("redis-cli") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-p");
        start.ArgumentList.Add(Port.ToString(CultureInfo.InvariantCulture));
        using var client = Process.Start(start)!;
        var answer = client.StandardOutput.ReadToEndAsync();
        foreach (var command in commands)
        {
            await client.StandardInput.WriteLineAsync(command);
        }

        client.StandardInput.Close();
        await client.WaitForExitAsync();
        return (await answer).ReplaceLineEndings("\n").Trim();
    }

    /// <summary>Takes the server's time away, as a machine that hangs does: connections stay, nothing is answered.</summary>
    public void Pause() => Signal("-STOP");

    public void Resume() => Signal("-CONT");

    /// <summary>As a power cut would, as far as a process can tell: no notice, no last words.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    /// <summary>Starts again on what the last one left.</summary>
    public Task RestartAsync()
    {
        Kill();
        _process?.Dispose();
        return LaunchAsync();
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        Folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task LaunchAsync()
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in _arguments(this))
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(Address);
                return;
            }
            catch (SocketException e)
            {
                if (_process.HasExited || Stopwatch.GetElapsedTime(started) > Deadline)
                {
                    var log = new FileInfo(Path.Combine(Folder.FullName, "log"));
                    throw new InvalidOperationException($"redis-server did not start: {(log.Exists ? await File.ReadAllTextAsync(log.FullName) : "no log")}", e);
                }

                await Task.Delay(10);
            }
        }
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
