using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Host.Network;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Dub.Clerk.Benchmarks;

/// <summary>How soon the host with its embedded store is ready and what it takes when nothing happens, beside a bare app that only starts Garnet with the same
/// settings, StackExchange.Redis and Blazor's components; both published with native code. In turns.</summary>
internal static class StartupRun
{
    private const int Turns = 5;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(string root)
    {
        var published = Directory.CreateTempSubdirectory("dub-published-");
        try
        {
            await PublishAsync(root, "src/Dub.Clerk.Host", published.CreateSubdirectory("host"));
            await PublishAsync(root, "tests/Dub.Clerk.Benchmarks", published.CreateSubdirectory("bare"));
            var measured = new Dictionary<string, List<(double Ready, double Memory)>> { ["bare"] = [], ["host"] = [] };
            for (var turn = 0; turn < Turns; turn++)
            {
                measured["bare"].Add(await MeasureAsync(Path.Combine(published.FullName, "bare", "Dub.Clerk.Benchmarks.dll"), "bare-app", "/"));
                measured["host"].Add(await MeasureAsync(Path.Combine(published.FullName, "host", "Dub.Clerk.Host.dll"), "serve", "/health/ready"));
            }

            Console.WriteLine("| | ready after | of bare | resident when idle | of bare |\n|---|---|---|---|---|");
            var (bareReady, bareMemory) = (Median(measured["bare"], one => one.Ready), Median(measured["bare"], one => one.Memory));
            foreach (var (name, runs) in measured)
            {
                var (ready, memory) = (Median(runs, one => one.Ready), Median(runs, one => one.Memory));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {ready:F2} s | {ready / bareReady:F2} | {memory:F0} MB | {memory / bareMemory:F2} |"));
            }
        }
        finally
        {
            published.Delete(recursive: true);
        }
    }

    /// <summary>The app to compare with.</summary>
    public static async Task ServeBareAsync(string[] args)
    {
        await using var store = new EmbeddedStore(Environment.GetEnvironmentVariable("DUBCLERK_DATA_DIR")!, NullLoggerFactory.Instance, TimeProvider.System);
        await store.StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(store.ConfigurationOptions);
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        var app = builder.Build();
        app.MapGet("/", async () => (await connection.GetDatabase().PingAsync()).TotalMilliseconds);
        await app.RunAsync();
    }

    private static double Median(List<(double Ready, double Memory)> runs, Func<(double Ready, double Memory), double> value) => runs.Select(value).Order().ElementAt(Turns / 2);

    private static async Task PublishAsync(string root, string project, DirectoryInfo folder)
    {
        using var publish = Process.Start(new ProcessStartInfo("dotnet", ["publish", Path.Combine(root, project), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "--self-contained", "false", "-p:PublishReadyToRun=true", "-o", folder.FullName, "-v", "q", "--nologo"]))!;
        await publish.WaitForExitAsync();
        if (publish.ExitCode != 0)
        {
            throw new InvalidOperationException($"{project} could not be published.");
        }
    }

    private static async Task<(double Ready, double Memory)> MeasureAsync(string assembly, string command, string path)
    {
        var data = Directory.CreateTempSubdirectory("dub-data-");
        var address = $"http://127.0.0.1:{FreePort.Next()}";
        var start = new ProcessStartInfo("dotnet", [assembly, command, "--urls", address]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DUBCLERK_DATA_DIR"] = data.FullName;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["CLERK_WEBHOOK_SIGNING_SECRET"] = "whsec_" + Convert.ToBase64String(new byte[24]);
        start.Environment["DUBCLERK_API_KEY"] = "startup_0123456789abcdef";
        using var process = new Process { StartInfo = start };
        var watch = Stopwatch.StartNew();
        process.Start();
        try
        {
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            using var client = new HttpClient { BaseAddress = new Uri(address) };
            while (!await IsReadyAsync(client, path))
            {
                if (process.HasExited || watch.Elapsed > TimeSpan.FromMinutes(1))
                {
                    throw new InvalidOperationException($"{command} did not become ready.");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(10));
            }

            var ready = watch.Elapsed.TotalSeconds;
            await Task.Delay(Idle);
            process.Refresh();
            return (ready, process.WorkingSet64 / 1e6);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            data.Delete(recursive: true);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, string path)
    {
        try
        {
            using var response = await client.GetAsync(path);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException)
        {
            return false;
        }
    }
}
