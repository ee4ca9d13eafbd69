using System.Collections.Concurrent;
using System.Diagnostics;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Host.Commands.Example;

/// <summary>The example app as a process of its own, built for the stand-in. Ends only what it started.</summary>
internal sealed class NextApp : IAsyncDisposable
{
    /// <summary>Apart from a build with somebody's real keys, which Next bakes in.</summary>
    private const string BuildFolder = ".next-stand-in";

    private const int KeptLines = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Sources = ["app", "components", "lib", "types", "proxy.ts", "next.config.ts", "package-lock.json", ".env"];

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private NextApp(Process process) => _process = process;

    /// <summary>The example's folder, at or above a folder of the repository; null elsewhere.</summary>
    public static string? Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            var example = Path.Combine(folder.FullName, "examples", "NextApp");
            if (File.Exists(Path.Combine(example, "package.json")))
            {
                return example;
            }
        }

        return null;
    }

    public static bool IsInstalled(string folder) => File.Exists(NextOf(folder));

    /// <summary>Whether the build is of the sources as they are.</summary>
    public static bool IsBuilt(string folder)
    {
        var build = new FileInfo(Path.Combine(folder, BuildFolder, "BUILD_ID"));
        return build.Exists && Sources.Select(source => Path.Combine(folder, source)).SelectMany(FilesAt).All(file => File.GetLastWriteTimeUtc(file) <= build.LastWriteTimeUtc);
    }

    public static Task InstallAsync(string folder, CancellationToken cancellationToken) =>
        RunAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund"], folder, [], cancellationToken);

    public static Task BuildAsync(string folder, ClerkStandIn clerk, CancellationToken cancellationToken) =>
        RunAsync("node", [NextOf(folder), "build"], folder, Baked(clerk), cancellationToken);

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<NextApp> StartAsync(
        string folder, Uri address, ClerkStandIn clerk, IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        var arguments = new[] { NextOf(folder), "start", "--hostname", "localhost", "--port", $"{address.Port}" };
        var app = new NextApp(new Process { StartInfo = StartInfo("node", arguments, folder, [.. Baked(clerk), .. settings]) });
        try
        {
            app.Begin();
            using var http = new HttpClient { BaseAddress = address };
            var started = Stopwatch.GetTimestamp();
            while (!await AnswersAsync(http, cancellationToken))
            {
                if (app._process.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
                {
                    throw new CommandFailedException($"The example app did not start: {string.Join('\n', app._output)}");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }

            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static KeyValuePair<string, string?>[] Baked(ClerkStandIn clerk) =>
    [
        new("NEXT_DIST_DIR", BuildFolder),
        new("NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY", clerk.PublishableKey),
        new("NEXT_PUBLIC_CLERK_PROXY_URL", "/__clerk"),
        new("NEXT_PUBLIC_CLERK_JS_URL", string.Empty),
        new("NEXT_PUBLIC_CLERK_UI_URL", string.Empty),
        new("NEXT_PUBLIC_CLERK_DOMAIN", string.Empty),
        new("NEXT_TELEMETRY_DISABLED", "1"),
        new("NODE_ENV", "production"),
    ];

    private static string NextOf(string folder) => Path.Combine(folder, "node_modules", "next", "dist", "bin", "next");

    private static IEnumerable<string> FilesAt(string path) => Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories) : [path];

    private static async Task RunAsync(
        string program, string[] arguments, string folder, KeyValuePair<string, string?>[] settings, CancellationToken cancellationToken)
    {
        await using var run = new NextApp(new Process { StartInfo = StartInfo(program, arguments, folder, settings) });
        run.Begin();
        await run._process.WaitForExitAsync(cancellationToken);
        if (run._process.ExitCode != 0)
        {
            throw new CommandFailedException($"{Path.GetFileName(program)} {string.Join(' ', arguments.Select(Path.GetFileName))} failed in {folder}: {string.Join('\n', run._output)}");
        }
    }

    private static ProcessStartInfo StartInfo(string program, string[] arguments, string folder, KeyValuePair<string, string?>[] settings)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private void Begin()
    {
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        try
        {
            _process.Start();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new CommandFailedException($"{_process.StartInfo.FileName} was not found. The example app needs Node.js 20.9 or later.");
        }

        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        while (_output.Count > KeptLines)
        {
            _output.TryDequeue(out _);
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync("/icon.svg", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
