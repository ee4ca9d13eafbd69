using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dub.Clerk.Host;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Dub.Clerk.Benchmarks;

/// <summary>How many requests per second the host's busiest endpoints answer, beside a bare Kestrel endpoint that does one script round trip to the same
/// store. In turns, so that a busy machine weighs on all alike. wrk makes the load.</summary>
internal static partial class EndpointLoad
{
    private const string ApiKey = "load_0123456789abcdef";
    private const string BareScript = "redis.call('SET', KEYS[1], ARGV[1], 'PX', 600000) return 1";

    /// <param name="seconds">Of each turn.</param>
    /// <param name="turns">The median of these counts.</param>
    public static async Task RunAsync(int seconds, int turns)
    {
        Console.WriteLine("| store | endpoint | requests/s | of bare | p99 |\n|---|---|---|---|---|");
        foreach (var kind in Enum.GetValues<StoreKind>())
        {
            if (TestStore.MissingReason(kind) is { } missing)
            {
                Console.WriteLine($"| {kind} | {missing} | | | |");
                continue;
            }

            await RunAsync(kind, seconds, turns);
        }
    }

    private static async Task RunAsync(StoreKind kind, int seconds, int turns)
    {
        await using var store = await TestStore.StartAsync(kind);
        await using var bare = await StartBareAsync(store.Connection);
        await using var host = await StartHostAsync(store.ConnectionString);
        var origin = host.Web.Urls.First();
        var click = await PrepareAsync(new Uri(origin));
        var wrkScripts = Directory.CreateTempSubdirectory("dub-load-");
        try
        {
            (string Name, string Url, string Script)[] endpoints =
            [
                ("bare Kestrel, one script", bare.Urls.First() + "/bare", Visitors("GET", "/bare", string.Empty)),
                ("redirect, click recorded", origin + "/launch", Visitors("GET", "/launch", string.Empty)),
                ("`/track/click`", origin + "/track/click", Visitors("POST", "/track/click", """{"domain":"127.0.0.1","key":"launch"}""")),
                ("`/track/lead`", origin + "/track/lead", Visitors("POST", "/track/lead", $$"""{"clickId":"{{click}}","eventName":"Sign up","customerExternalId":"@"}""")),
            ];
            var measured = endpoints.ToDictionary(endpoint => endpoint.Name, _ => new List<(double PerSecond, string P99)>());
            for (var turn = -1; turn < turns; turn++)
            {
                foreach (var (name, url, script) in endpoints)
                {
                    var file = Path.Combine(wrkScripts.FullName, "wrk.lua");
                    await File.WriteAllTextAsync(file, script.Replace("@run", $"{turn + 1}", StringComparison.Ordinal));
                    var result = await WrkAsync(url, file, turn < 0 ? 2 : seconds);
                    if (turn >= 0)
                    {
                        measured[name].Add(result);
                    }
                }
            }

            var floor = Median(measured[endpoints[0].Name]).PerSecond;
            foreach (var (name, _, _) in endpoints)
            {
                var (perSecond, p99) = Median(measured[name]);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} | {name} | {perSecond:N0} | {perSecond / floor:F2} | {p99} |"));
            }
        }
        finally
        {
            wrkScripts.Delete(recursive: true);
        }
    }

    private static (double PerSecond, string P99) Median(List<(double PerSecond, string P99)> results)
        => results.OrderBy(result => result.PerSecond).ElementAt(results.Count / 2);

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
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = "whsec_" + Convert.ToBase64String(new byte[24]),
            ["DUBCLERK_API_KEY"] = ApiKey,
            ["DubClerk:ShortDomains:0"] = "127.0.0.1",
            ["DubClerk:Proxy:AddressHeader"] = "X-Forwarded-For",
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

    private static async Task<(double PerSecond, string P99)> WrkAsync(string url, string script, int seconds)
    {
        using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t2", "-c32", $"-d{seconds}s", "--latency", "-s", script, url]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("wrk cannot be started.");
        var output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        return output.Contains("Non-2xx", StringComparison.Ordinal) || !PerSecond.IsMatch(output)
            ? throw new InvalidOperationException(output)
            : (double.Parse(PerSecond.Match(output).Groups["n"].Value, CultureInfo.InvariantCulture), P99.Match(output).Groups["t"].Value);
    }

    [GeneratedRegex(@"Requests/sec:\s+(?<n>[\d.]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex PerSecond { get; }

    [GeneratedRegex(@"99%\s+(?<t>\S+)", RegexOptions.ExplicitCapture)]
    private static partial Regex P99 { get; }
}
