using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dub.Clerk.Host;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;
using Dub.Clerk.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Dub.Clerk.Benchmarks;

/// <summary>How many requests per second the host's busiest endpoints answer, beside a bare Kestrel endpoint that does one script round trip to the same
/// store. In turns, so that a busy machine weighs on all alike. wrk makes the load, on the same machine; what host and store spend on a request is shown
/// beside.</summary>
internal static partial class EndpointLoad
{
    private static readonly ClerkStandIn Clerk = new();

    private const string ApiKey = "load_0123456789abcdef";
    private const string BareScript = "redis.call('SET', KEYS[1], ARGV[1], 'PX', 600000) return 1";

    /// <param name="seconds">Of each turn.</param>
    /// <param name="turns">The median of these counts.</param>
    /// <param name="only">One store, by its name; null for all.</param>
    /// <param name="endpoint">A part of an endpoint's name, to measure that one and what it is compared with; null for all.</param>
    public static async Task RunAsync(int seconds, int turns, string? only, string? endpoint)
    {
        Console.WriteLine("| store | endpoint | requests/s | of bare | p99 | of bare | host | redis-server |\n|---|---|---|---|---|---|---|---|");
        foreach (var kind in Enum.GetValues<StoreKind>().Where(kind => only is null || $"{kind}" == only))
        {
            if (TestStore.MissingReason(kind) is { } missing)
            {
                Console.WriteLine($"| {kind} | {missing} | | | |");
                continue;
            }

            await RunAsync(kind, seconds, turns, endpoint);
        }
    }

    private static async Task RunAsync(StoreKind kind, int seconds, int turns, string? only)
    {
        await using var store = await TestStore.StartAsync(kind);
        await using var bare = await StartBareAsync(store.Connection);
        await using var host = await StartHostAsync(store.ConnectionString);
        var origin = host.Web.Urls.First();
        var click = await PrepareAsync(new Uri(origin));
        var wrkScripts = Directory.CreateTempSubdirectory("dub-load-");
        try
        {
            const string bareGet = "bare Kestrel, one script", barePost = "bare Kestrel, body read, one script";
            (string Name, string Floor, string Url, string Script)[] endpoints =
            [
                (bareGet, bareGet, bare.Urls.First() + "/bare", Visitors("GET", "/bare", string.Empty)),
                ("redirect, click recorded", bareGet, origin + "/launch", Visitors("GET", "/launch", string.Empty)),
                ("`/track/click`", bareGet, origin + "/track/click", Visitors("POST", "/track/click", """{"domain":"127.0.0.1","key":"launch"}""")),
                ("`/track/lead`", bareGet, origin + "/track/lead", Visitors("POST", "/track/lead", $$"""{"clickId":"{{click}}","eventName":"Sign up","customerExternalId":"@"}""")),
                (barePost, barePost, bare.Urls.First() + "/bare", Deliveries("/bare", wrkScripts.FullName)),
                ("webhook, `user.created`", barePost, origin + "/webhooks/clerk", Deliveries("/webhooks/clerk", wrkScripts.FullName)),
            ];
            var wanted = endpoints.Where(endpoint => only is null || endpoint.Name.Contains(only, StringComparison.Ordinal)).Select(endpoint => endpoint.Floor).Distinct().ToList();
            endpoints = [.. endpoints.Where(endpoint => only is null || wanted.Contains(endpoint.Name) || endpoint.Name.Contains(only, StringComparison.Ordinal))];
            var measured = endpoints.ToDictionary(endpoint => endpoint.Name, _ => new List<Measured>());
            for (var turn = -1; turn < turns; turn++)
            {
                foreach (var (name, _, url, script) in endpoints)
                {
                    var file = Path.Combine(wrkScripts.FullName, "wrk.lua");
                    await File.WriteAllTextAsync(file, script.Replace("@run", $"{turn + 1}", StringComparison.Ordinal));
                    if (script.Contains("deliveries", StringComparison.Ordinal))
                    {
                        await WriteDeliveriesAsync(wrkScripts.FullName, seconds);
                    }

                    var result = await WrkAsync(url, file, turn < 0 ? 2 : seconds);
                    if (turn >= 0)
                    {
                        measured[name].Add(result);
                    }
                }
            }

            foreach (var (name, floorName, _, _) in endpoints)
            {
                var (one, floor) = (Median(measured[name]), Median(measured[floorName]));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {kind} | {name} | {one.PerSecond:N0} | {one.PerSecond / floor.PerSecond:F2} | {one.P99:F1} ms | {one.P99 / floor.P99:F1} | {one.Host:F0} µs | {one.Store:F0} µs |"));
            }
        }
        finally
        {
            wrkScripts.Delete(recursive: true);
        }
    }

    private static Measured Median(List<Measured> results) => results.OrderBy(result => result.PerSecond).ElementAt(results.Count / 2);

    /// <param name="PerSecond">Requests.</param>
    /// <param name="P99">Milliseconds.</param>
    /// <param name="Host">Time on a core for each request, microseconds; with Garnet the store's too.</param>
    /// <param name="Store">The same of redis-server.</param>
    private readonly record struct Measured(double PerSecond, double P99, double Host, double Store);

    private static async Task<WebApplication> StartBareAsync(IConnectionMultiplexer connection)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        var (database, number) = (connection.GetDatabase(), 0L);
        web.MapGet("/bare", async (HttpContext context) =>
        {
            var key = Interlocked.Increment(ref number).ToString(CultureInfo.InvariantCulture);
            await database.ScriptEvaluateAsync(BareScript, [(RedisKey)("bare:" + key)], [key]);
            return Results.Redirect("https://example.com/");
        });
        web.MapPost("/bare", async (HttpContext context) =>
        {
            var key = Interlocked.Increment(ref number).ToString(CultureInfo.InvariantCulture);
            var body = ArrayPool<byte>.Shared.Rent((int)context.Request.ContentLength!.Value);
            await context.Request.Body.ReadExactlyAsync(body.AsMemory(0, (int)context.Request.ContentLength.Value));
            ArrayPool<byte>.Shared.Return(body);
            await database.ScriptEvaluateAsync(BareScript, [(RedisKey)("bare:" + key)], [key]);
            return Results.NoContent();
        });
        await web.StartAsync();
        return web;
    }

    private static async Task<HostApp> StartHostAsync(string connectionString)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["ConnectionStrings:Redis"] = connectionString,
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = Clerk.WebhookSecret,
            ["DUBCLERK_API_KEY"] = ApiKey,
            ["DubClerk:ShortDomains:0"] = "127.0.0.1",
            ["DubClerk:Proxy:Trusted"] = "127.0.0.1",
            ["DubClerk:RateLimits:PagesPerMinute"] = "0",
            ["DubClerk:RedirectPatience"] = "00:00:30",
        });
        builder.Logging.ClearProviders();
        var host = await HostApp.CreateAsync(builder);
        await host.Web.StartAsync();
        return host;
    }

    /// <summary>A link, and a click on it.</summary>
    private static async Task<string> PrepareAsync(Uri origin)
    {
        using var client = new HttpClient { BaseAddress = origin };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        client.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0");
        (await PostAsync("/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"launch","trackConversion":true}""")).EnsureSuccessStatusCode();
        using var clicked = await PostAsync("/track/click", """{"domain":"127.0.0.1","key":"launch"}""");
        return JsonDocument.Parse(await clicked.Content.ReadAsStringAsync()).RootElement.GetProperty("clickId").GetString()!;

        Task<HttpResponseMessage> PostAsync(string path, string json) => client.PostAsync(path, new StringContent(json, new MediaTypeHeaderValue("application/json")));
    }

    /// <summary>Every request is another visitor's, or another customer's.</summary>
    private static string Visitors(string method, string path, string body) => $$"""
        local threads = 0
        function setup(thread) thread:set("id", threads) threads = threads + 1 end
        local n = 0
        request = function()
          n = n + 1
          local who = id .. "." .. math.floor(n / 65536) % 256 .. "." .. math.floor(n / 256) % 256 .. "." .. n % 256
          local headers = { ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 @run", ["X-Forwarded-For"] = who, ["Authorization"] = "Bearer {{ApiKey}}", ["Content-Type"] = "application/json" }
          return wrk.format("{{method}}", "{{path}}", headers, (string.gsub('{{body}}', "@", "@run-" .. who)))
        end
        """;

    /// <summary>Signed in advance, each of another user's. A thread that runs out of them begins again.</summary>
    private static string Deliveries(string path, string folder) => $$"""
        local threads = 0
        function setup(thread) thread:set("id", threads) threads = threads + 1 end
        local deliveries = {}
        local n = 0
        function init()
          for line in io.lines("{{folder}}/deliveries" .. id) do deliveries[#deliveries + 1] = line end
        end
        request = function()
          n = n % #deliveries + 1
          local message, at, signature, body = string.match(deliveries[n], "^(%S+) (%S+) (%S+) (.*)$")
          local headers = { ["svix-id"] = message, ["svix-timestamp"] = at, ["svix-signature"] = signature, ["Content-Type"] = "application/json" }
          return wrk.format("POST", "{{path}}", headers, body)
        end
        """;

    private static async Task WriteDeliveriesAsync(string folder, int seconds)
    {
        var now = DateTimeOffset.UtcNow;
        _ = WebhookSecret.TryParse(Clerk.WebhookSecret, out var secret, out _);
        var template = Encoding.UTF8.GetString(Clerk.UserCreated("user_@", now));
        for (var thread = 0; thread < 2; thread++)
        {
            await using var file = File.CreateText(Path.Combine(folder, $"deliveries{thread}"));
            for (var i = 0; i < 8_000 * seconds; i++)
            {
                var (user, message) = (ClerkStandIn.NewId("user"), ClerkStandIn.NewId("msg"));
                var body = template.Replace("user_@", user, StringComparison.Ordinal);
                var signature = WebhookVerifier.Sign(secret!, message, now.ToUnixTimeSeconds(), Encoding.UTF8.GetBytes(body));
                await file.WriteLineAsync($"{message} {now.ToUnixTimeSeconds()} {signature} {body}");
            }
        }
    }

    private static async Task<Measured> WrkAsync(string url, string script, int seconds)
    {
        var (host, store) = (Environment.CpuUsage.TotalTime, StoreProcesses.Time());
        using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t2", "-c32", $"-d{seconds}s", "--latency", "-s", script, url]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("wrk cannot be started.");
        var output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        (host, store) = (Environment.CpuUsage.TotalTime - host, StoreProcesses.Time() - store);
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || !PerSecond.IsMatch(output))
        {
            throw new InvalidOperationException(output);
        }

        var (requests, p99) = (Number(Requests.Match(output).Groups["n"].Value), P99.Match(output));
        var milliseconds = Number(p99.Groups["n"].Value) * (p99.Groups["unit"].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 });
        return new Measured(Number(PerSecond.Match(output).Groups["n"].Value), milliseconds, host.TotalMicroseconds / requests, store.TotalMicroseconds / requests);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Requests/sec:\s+(?<n>[\d.]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex PerSecond { get; }

    [GeneratedRegex(@"(?<n>\d+) requests in", RegexOptions.ExplicitCapture)]
    private static partial Regex Requests { get; }

    [GeneratedRegex(@"99%\s+(?<n>[\d.]+)(?<unit>[a-z]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex P99 { get; }
}
