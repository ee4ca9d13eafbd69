using System.Collections.Concurrent;
using System.Diagnostics;

namespace Dub.Clerk.Testing;

/// <summary>The host as a process of its own: started, listened to, killed without notice. Ends only the process it started.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private const string Server = "Dub.Clerk.Host.dll";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(string program, string[] arguments, IDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException("The host exited before it listened."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => string.Join('\n', _output);

    /// <summary>Starts the server and waits until it listens.</summary>
    public static Task<HostProcess> ServeAsync(IDictionary<string, string?> environment) => StartAsync([], environment);

    /// <summary>As <see cref="ServeAsync"/>, on a clock that processes share.</summary>
    public static Task<HostProcess> ServeOnAsync(string clockFile, IDictionary<string, string?> environment) => StartProgramAsync("dotnet", [Built("Dub.Clerk.Testing.dll"), "host", clockFile], environment);

    /// <summary>Starts a command that serves, and waits until it listens.</summary>
    public static Task<HostProcess> StartAsync(string[] arguments, IDictionary<string, string?>? environment = null)
        => StartProgramAsync("dotnet", [Built(Server), .. arguments], environment ?? new Dictionary<string, string?>());

    /// <summary>Starts any program that serves with ASP.NET Core, and waits until it listens. A variable without a value is taken away.</summary>
    public static async Task<HostProcess> StartProgramAsync(string program, string[] arguments, IDictionary<string, string?> environment)
    {
        var host = new HostProcess(program, arguments, environment);
        try
        {
            await host._listening.Task.WaitAsync(Deadline);
            return host;
        }
        catch (Exception e)
        {
            var output = host.Output;
            await host.DisposeAsync();
            throw new InvalidOperationException("The host did not start:\n" + output, e);
        }
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, IDictionary<string, string?>? environment = null)
    {
        var host = new HostProcess("dotnet", [Built(Server), .. arguments], environment ?? new Dictionary<string, string?>());
        await using (host)
        {
            // Nobody awaits the listening of a command.
            _ = host._listening.Task.Exception;
            using var deadline = new CancellationTokenSource(Deadline);
            await host._process.WaitForExitAsync(deadline.Token);
            return (host._process.ExitCode, host.Output);
        }
    }

    /// <summary>What the process has now: resident bytes, open files, threads.</summary>
    public (long Resident, int Handles, int Threads) Holds()
    {
        _process.Refresh();
        return (_process.WorkingSet64, Directory.GetFiles($"/proc/{_process.Id}/fd").Length, _process.Threads.Count);
    }

    /// <summary>Where it listens, as it says itself.</summary>
    public Uri Address => new(Output.Split('\n').Select(line => line.Split("Now listening on: ")).First(parts => parts.Length == 2)[1].Trim());

    /// <summary>Whether the process has a file with this in its name in memory. Linux only.</summary>
    public bool HasLoaded(string file) => File.ReadAllText($"/proc/{_process.Id}/maps").Contains(file, StringComparison.Ordinal);

    /// <summary>The process's time on a core since its start.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>As <c>kill -9</c> does it.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Built(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly);

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (line.Contains("Now listening on", StringComparison.Ordinal))
        {
            _listening.TrySetResult();
        }
    }
}
