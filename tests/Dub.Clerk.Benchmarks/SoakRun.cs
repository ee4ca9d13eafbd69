using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Benchmarks;

/// <summary>Webhooks and signed-in requests at a steady pace against a host of its own process on redis-server, and what the host holds after each minute.</summary>
internal static class SoakRun
{
    /// <summary>How many sessions are used at a time; each changes its token as Clerk's clients do.</summary>
    private const int Sessions = 500;

    private static readonly TimeSpan TokenLife = TimeSpan.FromSeconds(50);

    /// <param name="minutes">How long.</param>
    /// <param name="webhooks">In a second.</param>
    /// <param name="requests">Signed in, in a second.</param>
    public static async Task RunAsync(int minutes, int webhooks, int requests)
    {
        using var clerk = new ClerkStandIn();
        await using var store = await TestStore.StartAsync(StoreKind.Redis);
        var address = $"http://127.0.0.1:{HostProcess.FreePort()}";
        await using var host = await HostProcess.ServeAsync(new Dictionary<string, string?>
        {
            ["urls"] = address,
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Logging__LogLevel__Default"] = "Warning",
            ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
            ["ConnectionStrings__Redis"] = store.ConnectionString,
            ["CLERK_PUBLISHABLE_KEY"] = clerk.PublishableKey,
            ["CLERK_JWT_KEY"] = clerk.PublicKeyPem,
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.WebhookSecret,
            ["DUBCLERK_API_KEY"] = "soak_0123456789abcdef",
            ["DubClerk__AuthorizedParties__0"] = "https://app.example.com",
        });
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = new Uri(address) };
        var sessions = Enumerable.Range(0, Sessions).Select(_ => new Session(clerk)).ToArray();
        var template = Encoding.UTF8.GetString(clerk.UserCreated("user_@", DateTimeOffset.UtcNow));
        Console.WriteLine("| minute | webhooks/s | p99 | signed in/s | p99 | refused or failed | resident | handles | threads |\n|---|---|---|---|---|---|---|---|---|");
        for (var minute = 1; minute <= minutes; minute++)
        {
            var until = TimeProvider.System.GetTimestamp() + (60 * TimeProvider.System.TimestampFrequency);
            var hooks = SendAsync(webhooks, until, _ => Webhook(clerk, template), client);
            var signedIn = SendAsync(requests, until, number => sessions[number % Sessions].Request(), client);
            var ((hookRate, hookP99, hookFaults), (rate, p99, faults)) = (await hooks, await signedIn);
            var (resident, handles, threads) = host.Holds();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {minute} | {hookRate:N0} | {hookP99:F1} ms | {rate:N0} | {p99:F1} ms | {hookFaults + faults} | {resident / 1e6:F0} MB | {handles} | {threads} |"));
        }
    }

    /// <summary>So many a second, each begun when it is due, whatever has become of those before: a slow answer does not slow the sender.</summary>
    private static async Task<(double Rate, double P99, int Faults)> SendAsync(int perSecond, long until, Func<int, HttpRequestMessage> request, HttpClient client)
    {
        var (times, faults, under) = (new System.Collections.Concurrent.ConcurrentBag<double>(), 0, new List<Task>());
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var sent = 0; Stopwatch.GetTimestamp() < until && await timer.WaitForNextTickAsync();)
        {
            var due = (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond);
            for (; sent < due; sent++)
            {
                under.Add(SendOneAsync(request(sent)));
            }

            under.RemoveAll(task => task.IsCompletedSuccessfully);
        }

        await Task.WhenAll(under);
        var ordered = times.Order().ToArray();
        return (ordered.Length / Stopwatch.GetElapsedTime(started).TotalSeconds, ordered[(int)(ordered.Length * 0.99)], faults);

        async Task SendOneAsync(HttpRequestMessage message)
        {
            var began = Stopwatch.GetTimestamp();
            using (message)
            using (var response = await client.SendAsync(message))
            {
                if (!response.IsSuccessStatusCode)
                {
                    Interlocked.Increment(ref faults);
                }
            }

            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    private static HttpRequestMessage Webhook(ClerkStandIn clerk, string template)
    {
        var now = DateTimeOffset.UtcNow;
        var body = template.Replace("user_@", ClerkStandIn.NewId("user"), StringComparison.Ordinal);
        var (_, request) = clerk.SignDelivery(Encoding.UTF8.GetBytes(body), null, now);
        request.RequestUri = new Uri("/webhooks/clerk", UriKind.Relative);
        return request;
    }

    private sealed class Session(ClerkStandIn clerk)
    {
        private readonly string _user = ClerkStandIn.NewId("user");
        private string _token = "";
        private long _since;

        public HttpRequestMessage Request()
        {
            if (_token.Length == 0 || Stopwatch.GetElapsedTime(_since) > TokenLife)
            {
                _token = clerk.MintSessionToken(_user, DateTimeOffset.UtcNow, publicMetadata: new JsonObject { ["dubClickId"] = "AbCdEfGh01234567" });
                _since = Stopwatch.GetTimestamp();
            }

            return new HttpRequestMessage(HttpMethod.Get, "/attribution") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _token) } };
        }
    }
}
