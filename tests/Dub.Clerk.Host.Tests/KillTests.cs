using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests;

/// <summary>The host is killed while sign-ups arrive. What it had acknowledged must be there, and what Svix and the browsers send again must
/// double nothing.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Users = 150;
    private const int Kills = 2;
    private const string ApiKey = "dub_test_0123456789abcdef";
    private const string App = "https://app.example.com";

    [Fact]
    public async Task KilledInTheMiddleOfSignUps_EveryoneHasExactlyOneLead()
    {
        var folder = Directory.CreateTempSubdirectory("dub-kill-");
        using var clerk = new ClerkStandIn();
        var port = FreePort.Next();
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
            ["CLERK_PUBLISHABLE_KEY"] = clerk.PublishableKey,
            ["CLERK_JWT_KEY"] = clerk.PublicKeyPem,
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.WebhookSecret,
            ["DUBCLERK_API_KEY"] = ApiKey,
            ["DUBCLERK_DATA_DIR"] = folder.FullName,
            ["DubClerk__AuthorizedParties__0"] = App,
            ["DubClerk__ShortDomains"] = "127.0.0.1",
            ["DubClerk__RedirectPatience"] = "00:00:30",
        };
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        try
        {
            var host = await HostProcess.ServeAsync(environment);
            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(environment["ASPNETCORE_URLS"]!) };
            var clicks = await ClickAsync(http);

            // Both halves of everybody, in any order; Svix and the browser repeat what was not acknowledged, and some of what was.
            var halves = Enumerable.Range(0, Users).SelectMany(user => new[] { new Half(user, true), new Half(user, false) }).ToArray();
            random.Shuffle(halves);
            var open = new ConcurrentQueue<Half>(halves);
            var acknowledged = new ConcurrentDictionary<Half, bool>();
            for (var kill = 1; kill <= Kills; kill++)
            {
                await SendUntilAsync(halves.Length * kill / (Kills + 1), http, clerk, clicks, open, acknowledged, host.Kill);
                await host.DisposeAsync();
                host = await HostProcess.ServeAsync(environment);
            }

            await SendUntilAsync(halves.Length, http, clerk, clicks, open, acknowledged, atTheEnd: null);
            foreach (var half in halves.Where(_ => random.Next(4) == 0))
            {
                Assert.True(await SendAsync(half, http, clerk, clicks));
            }

            // A lead is in the ledger when it is acknowledged; its event, where the kill came in between, follows from the outbox.
            var expected = Enumerable.Range(0, Users).Select(user => (UserId(user), clicks[user])).Order().ToList();
            await Poll.UntilAsync(async () => (await LeadsAsync(http)).Count >= Users, "every lead is in the log");
            Assert.Equal(expected, (await LeadsAsync(http)).Order());
            await host.DisposeAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string UserId(int user) => $"user_{user:000}";

    private static async Task<string[]> ClickAsync(HttpClient http)
    {
        using var create = new HttpRequestMessage(HttpMethod.Post, "/links");
        create.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        create.Content = JsonContent.Create(new JsonObject { ["url"] = App, ["key"] = "launch", ["trackConversion"] = true });
        using var created = await http.SendAsync(create);
        created.EnsureSuccessStatusCode();

        var clicks = new string[Users];
        for (var user = 0; user < Users; user++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/launch");
            request.Headers.Add("User-Agent", $"visitor {user}");
            using var redirect = await http.SendAsync(request);
            clicks[user] = System.Web.HttpUtility.ParseQueryString(redirect.Headers.Location!.Query)["dub_id"]!;
        }

        return clicks;
    }

    /// <summary>Eight senders, until this many halves are acknowledged; then, in the middle of what they are doing, the end.</summary>
    private static async Task SendUntilAsync(
        int count, HttpClient http, ClerkStandIn clerk, string[] clicks, ConcurrentQueue<Half> open, ConcurrentDictionary<Half, bool> acknowledged, Action? atTheEnd)
    {
        var ended = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (Volatile.Read(ref ended) == 0 && open.TryDequeue(out var half))
            {
                if (await SendAsync(half, http, clerk, clicks))
                {
                    acknowledged[half] = true;
                }
                else
                {
                    open.Enqueue(half);
                }

                if (acknowledged.Count >= count && atTheEnd is not null && Interlocked.Exchange(ref ended, 1) == 0)
                {
                    atTheEnd();
                }
            }
        })));
    }

    private static async Task<bool> SendAsync(Half half, HttpClient http, ClerkStandIn clerk, string[] clicks)
    {
        using var request = half.IsWebhook
            ? clerk.SignDelivery(clerk.UserCreated(UserId(half.User), DateTimeOffset.UtcNow), $"msg_{half.User}", DateTimeOffset.UtcNow).Request
            : new HttpRequestMessage(HttpMethod.Post, "/attribution");
        if (half.IsWebhook)
        {
            request.RequestUri = new Uri("/webhooks/clerk", UriKind.Relative);
        }
        else
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", clerk.MintSessionToken(UserId(half.User), DateTimeOffset.UtcNow, App));
            request.Headers.Add("Cookie", $"dub_id={clicks[half.User]}");
        }

        try
        {
            using var response = await http.SendAsync(request);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException)
        {
            return false;
        }
    }

    private static async Task<List<(string User, string Click)>> LeadsAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events?event=leads&limit=1000");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        using var response = await http.SendAsync(request);
        return [.. (await response.Content.ReadFromJsonAsync<JsonElement>()).EnumerateArray().Select(lead =>
            (lead.GetProperty("customer").GetProperty("externalId").GetString()!, lead.GetProperty("click").GetProperty("id").GetString()!))];
    }

    private readonly record struct Half(int User, bool IsWebhook);
}
