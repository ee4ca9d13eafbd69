using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Benchmarks;

/// <summary>Webhooks and signed-in requests as a site has them, at a pace that does not depend on the answers.</summary>
internal sealed class SteadyLoad(ClerkStandIn clerk)
{
    /// <summary>How many sessions are used at a time; each changes its token as Clerk's clients do.</summary>
    private const int Sessions = 500;

    private static readonly TimeSpan TokenLife = TimeSpan.FromSeconds(50);

    private readonly string _template = Encoding.UTF8.GetString(clerk.UserCreated("user_@", DateTimeOffset.UtcNow));
    private readonly Session[] _sessions = [.. Enumerable.Range(0, Sessions).Select(_ => new Session(clerk))];

    /// <summary>A host in a process of its own, as in production.</summary>
    public static Task<HostProcess> ServeAsync(ClerkStandIn clerk, string connectionString, Uri address) => HostProcess.ServeAsync(new Dictionary<string, string?>
    {
        ["urls"] = address.ToString(),
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["Logging__LogLevel__Default"] = "Warning",
        ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
        ["ConnectionStrings__Redis"] = connectionString,
        ["CLERK_PUBLISHABLE_KEY"] = clerk.PublishableKey,
        ["CLERK_JWT_KEY"] = clerk.PublicKeyPem,
        ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.WebhookSecret,
        ["DUBCLERK_API_KEY"] = "load_0123456789abcdef",
        ["DubClerk__AuthorizedParties__0"] = "https://app.example.com",
    });

    /// <summary>An account was created.</summary>
    public HttpRequestMessage Webhook()
    {
        var body = _template.Replace("user_@", ClerkStandIn.NewId("user"), StringComparison.Ordinal);
        var (_, request) = clerk.SignDelivery(Encoding.UTF8.GetBytes(body), null, DateTimeOffset.UtcNow);
        request.RequestUri = new Uri("/webhooks/clerk", UriKind.Relative);
        return request;
    }

    /// <summary>Somebody who signed in, whose token says which click brought them.</summary>
    public HttpRequestMessage SignedIn(int number) => _sessions[number % Sessions].Request();

    /// <summary>So many a second, each begun when it is due, whatever has become of those before: a slow answer does not slow the sender.</summary>
    /// <param name="perSecond">How many.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="request">Makes the next one, by its number.</param>
    /// <param name="client">Sends them.</param>
    /// <returns>Answers in a second, their 99th percentile in milliseconds, and how many were no success.</returns>
    public static async Task<(double Rate, double P99, int Faults)> SendAsync(int perSecond, TimeSpan duration, Func<int, HttpRequestMessage> request, HttpClient client)
    {
        var (times, faults, under) = (new ConcurrentBag<double>(), 0, new List<Task>());
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var sent = 0; Stopwatch.GetElapsedTime(started) < duration && await timer.WaitForNextTickAsync();)
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
            try
            {
                using (message)
                using (var response = await client.SendAsync(message))
                {
                    if (!response.IsSuccessStatusCode)
                    {
                        Interlocked.Increment(ref faults);
                    }
                }
            }
            catch (HttpRequestException)
            {
                // Refused while it was still being sent.
                Interlocked.Increment(ref faults);
            }

            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
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
