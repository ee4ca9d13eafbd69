using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Deliveries;

/// <summary>The host with a Dub and a Clerk to deliver to, in real time, and the commands that look after it.</summary>
public sealed class HostDeliveryTests(ITestOutputHelper output)
{
    [Fact]
    public async Task SignUp_IsAtDubAndInClerkAtOnce()
    {
        await using var dub = await DubStandIn.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var clerk = await ClerkServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var host = await HostFixture.StartAsync(Settings(dub, clerk));
        var clicks = dub.PlantClicks(2);

        foreach (var (click, user) in clicks.Zip(["user_warmup", "user_1"]))
        {
            clerk.Users.Create(user, DateTimeOffset.UtcNow, publicMetadata: new JsonObject { ["plan"] = "pro" });
            var started = Stopwatch.GetTimestamp();
            await DeliverAsync(host, user, click);
            await Poll.UntilAsync(() => dub.Leads.Any(lead => lead.CustomerExternalId == user), "the lead is at Dub");
            output.WriteLine($"{user}: at Dub {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms after the webhook was sent, with two calls to Dub");
            await Poll.UntilAsync(() => (string?)clerk.Users.Find(user)!["public_metadata"]!["dubClickId"] == click, "Clerk has the click");
            Assert.Equal("pro", (string?)clerk.Users.Find(user)!["public_metadata"]!["plan"]);
        }

        var (exitCode, shown) = await HostProcess.RunAsync(["outbox", "show", "user_1", .. Reach(host)]);
        Assert.Equal(0, exitCode);
        Assert.Contains("recorded", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("ada@", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeadLetters_AreListedReplayedAndDropped()
    {
        // Without Clerk's key the host leaves Clerk's outbox alone, and what is in it stays put.
        await using var host = await HostFixture.StartAsync();
        var (first, second) = (await GiveUpAsync(host, "user_1"), await GiveUpAsync(host, "user_2"));

        var (status, dead) = await host.CallAsync(HttpMethod.Get, "/outbox/clerk/dead");
        Assert.Equal(200, status);
        Assert.Equal(["user_2", "user_1"], dead.EnumerateArray().Select(letter => letter.GetProperty("customer").GetString()));
        Assert.Equal("500", dead[0].GetProperty("error").GetString());

        var (listed, text) = await HostProcess.RunAsync(["outbox", "dead", "--destination", "clerk", .. Reach(host)]);
        Assert.Equal(0, listed);
        Assert.Contains("user_1", text, StringComparison.Ordinal);
        Assert.Equal(1, (await HostProcess.RunAsync(["outbox", .. Reach(host)])).ExitCode);
        Assert.Equal(0, (await HostProcess.RunAsync(["outbox", "drop", first, "--destination", "clerk", .. Reach(host)])).ExitCode);
        Assert.Equal(0, (await HostProcess.RunAsync(["outbox", "replay", "--destination", "clerk", .. Reach(host)])).ExitCode);

        var (unknown, said) = await HostProcess.RunAsync(["outbox", "drop", first, "--destination", "clerk", .. Reach(host)]);
        Assert.Equal(1, unknown);
        Assert.StartsWith("The host answered 404", said, StringComparison.Ordinal);
        Assert.Empty((await host.CallAsync(HttpMethod.Get, "/outbox/clerk/dead")).Body.EnumerateArray());
        var waiting = Assert.Single((await host.CallAsync(HttpMethod.Get, "/outbox/clerk/waiting")).Body.EnumerateArray());
        Assert.Equal("user_2", waiting.GetProperty("customer").GetString());
        Assert.Equal(404, (await host.CallAsync(HttpMethod.Delete, "/outbox/clerk/" + second)).Status);
        Assert.Equal(200, (await host.CallAsync(HttpMethod.Post, $"/outbox/clerk/{second}/replay")).Status);
    }

    [Fact]
    public async Task RefusedKey_IsSeenInTheSummary()
    {
        await using var dub = await DubStandIn.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var clerk = await ClerkServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        dub.Options.Key = DubKeyState.Revoked;
        await using var host = await HostFixture.StartAsync(Settings(dub, clerk));
        await DeliverAsync(host, "user_1", dub.PlantClicks(1)[0]);

        await Poll.UntilAsync(async () => (await SummaryAsync(host, "dub")).GetProperty("closedBecause").GetString()?.Contains("DUB_API_KEY", StringComparison.Ordinal) == true, "the summary says why");

        // Sign-ups are recorded all the same, so the balancer keeps the host; and what Dub said is for whoever has the API key.
        var (ready, health) = await host.CallAsync(HttpMethod.Get, "/health/ready", authorization: null);
        Assert.Equal((200, "degraded"), (ready, health.GetProperty("status").GetString()));
        Assert.Equal("Dub refuses DUB_API_KEY.", health.GetProperty("checks").GetProperty("deliveries").GetProperty("reason").GetString());
        Assert.Equal(1, (await SummaryAsync(host, "dub")).GetProperty("waiting").GetInt64());
        Assert.True((await SummaryAsync(host, "dub")).GetProperty("served").GetBoolean());
        Assert.False((await SummaryAsync(host, "clerk")).TryGetProperty("closedBecause", out var closed) && closed.ValueKind == System.Text.Json.JsonValueKind.String);
    }

    [Fact]
    public async Task SaleThatWaits_IsAmongTheCustomersDeliveries()
    {
        await using var dub = await DubStandIn.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var clerk = await ClerkServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var host = await HostFixture.StartAsync(Settings(dub, clerk));
        await DeliverAsync(host, "user_1", dub.PlantClicks(1)[0]);
        await Poll.UntilAsync(() => dub.Leads.Count == 1, "the lead is at Dub");
        dub.Options.Key = DubKeyState.Revoked;

        await host.CallAsync(HttpMethod.Post, "/track/sale", """{"customerExternalId":"user_1","amount":4900}""");

        var (_, deliveries) = await host.CallAsync(HttpMethod.Get, "/outbox/customers/user_1");
        var sale = Assert.Single(deliveries.EnumerateArray(), delivery => delivery.GetProperty("item").GetString()!.StartsWith("sale:", StringComparison.Ordinal));
        Assert.Equal("waiting", sale.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("GET", "/outbox/mars/dead", 404)]
    [InlineData("GET", "/outbox/dub/dead?limit=0", 422)]
    [InlineData("GET", "/outbox/dub/waiting?limit=x", 422)]
    [InlineData("POST", "/outbox/dub/64/lead:x/replay", 404)]
    [InlineData("POST", "/outbox/dub/1/lead:x/replay", 404)]
    [InlineData("DELETE", "/outbox/dub/1/lead:x", 404)]
    [InlineData("POST", "/reconcile", 422)]
    public async Task WhatIsNotThere_IsSaidInDubsWords(string method, string address, int expected)
    {
        await using var host = await HostFixture.StartAsync();

        var (status, body) = await host.CallAsync(new HttpMethod(method), address);

        Assert.Equal(expected, status);
        Assert.NotEmpty(body.GetProperty("error").GetProperty("message").GetString()!);
        Assert.Equal(401, (await host.CallAsync(new HttpMethod(method), address, authorization: null)).Status);
    }

    [Fact]
    public async Task Reconcile_ShowsAndMendsFromTheConsole()
    {
        await using var dub = await DubStandIn.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var clerk = await ClerkServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var host = await HostFixture.StartAsync(Settings(dub, clerk));
        clerk.Users.Create("user_1", DateTimeOffset.UtcNow.AddMinutes(-1), unsafeMetadata: new JsonObject { ["dub_id"] = dub.PlantClicks(1, DateTimeOffset.UtcNow.AddMinutes(-2))[0] });

        var (exitCode, shown) = await HostProcess.RunAsync(["reconcile", .. Reach(host)]);
        Assert.Equal(1, exitCode);
        Assert.Contains("1 webhook-missing", shown, StringComparison.Ordinal);
        Assert.Empty(dub.Leads);

        var (repaired, json) = await HostProcess.RunAsync(["reconcile", "--repair", "--json", .. Reach(host)]);
        Assert.Equal(0, repaired);
        Assert.Equal(1, JsonElement.Parse(json).GetProperty("counts").GetProperty("webhook-missing").GetInt32());
        Assert.Equal(2, (await HostProcess.RunAsync(["reconcile", "--host", host.Origin.ToString(), "--api-key", "dub_wrong"])).ExitCode);
        Assert.Equal(2, (await HostProcess.RunAsync(["reconcile", "--from", "yesterday", .. Reach(host)])).ExitCode);
        await Poll.UntilAsync(() => dub.Leads.Count == 1, "the lead is at Dub");
    }

    [Fact]
    public async Task CommandWithTheKeyOfAFile_IsLetIn_AndSaysThatThereIsNothing()
    {
        await using var host = await HostFixture.StartAsync();
        var secrets = Directory.CreateTempSubdirectory("dub-secrets-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(secrets.FullName, "DUBCLERK_API_KEY"), HostFixture.ApiKey + "\n", TestContext.Current.CancellationToken);
            var environment = new Dictionary<string, string?> { ["DUBCLERK_SECRETS_DIR"] = secrets.FullName, ["DUBCLERK_API_KEY"] = null };

            Assert.Equal((0, "Nothing was or is to be delivered for this customer."), await AskAsync("outbox", "show", "user_nobody"));
            Assert.Equal((0, "There are no dead letters."), await AskAsync("outbox", "dead"));

            async Task<(int ExitCode, string Said)> AskAsync(params string[] command)
            {
                var (exitCode, said) = await HostProcess.RunAsync([.. command, "--host", host.Origin.ToString()], environment);
                return (exitCode, said.Trim());
            }
        }
        finally
        {
            secrets.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task CommandThatIsRefused_DoesNotSpeakOfStarting()
    {
        var (exitCode, said) = await HostProcess.RunAsync(["outbox", "--host", "nowhere", "--api-key", "dub_x"]);

        Assert.Equal(2, exitCode);
        Assert.StartsWith("Nothing was done:", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommandWithoutAHost_SaysWhatToDo()
    {
        var (exitCode, shown) = await HostProcess.RunAsync(["outbox", "--host", $"http://127.0.0.1:{FreePort.Next()}", "--api-key", "dub_x"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("--host", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", shown, StringComparison.Ordinal);
    }

    private static string[] Reach(HostFixture host) => ["--host", host.Origin.ToString(), "--api-key", HostFixture.ApiKey];

    private static Dictionary<string, string?> Settings(DubStandIn dub, ClerkServer clerk) => new()
    {
        ["DUB_API_URL"] = dub.Address.ToString(),
        ["DUB_API_KEY"] = dub.ApiKey,
        ["CLERK_API_URL"] = clerk.Address.ToString(),
        ["CLERK_SECRET_KEY"] = clerk.SecretKey,
    };

    private static async Task<System.Text.Json.JsonElement> SummaryAsync(HostFixture host, string destination)
        => (await host.CallAsync(HttpMethod.Get, "/outbox")).Body.EnumerateArray().Single(summary => summary.GetProperty("destination").GetString() == destination);

    private static async Task DeliverAsync(HostFixture host, string userId, string clickId)
    {
        var body = host.Clerk.UserCreated(userId, DateTimeOffset.UtcNow, unsafeMetadata: new JsonObject { ["dub_id"] = clickId });
        var (_, request) = host.Clerk.SignDelivery(body, deliveryId: null, DateTimeOffset.UtcNow);
        using (request)
        {
            request.RequestUri = new Uri(host.Origin, "/webhooks/clerk");
            using var response = await host.Client.SendAsync(request);
            Assert.True(response.IsSuccessStatusCode);
        }
    }

    /// <returns>How the dead letter is addressed.</returns>
    private static async Task<string> GiveUpAsync(HostFixture host, string userId)
    {
        var outbox = host.Get<OutboxStore>();
        var item = new OutboxItem(OutboxItem.MetadataKind, userId);
        await outbox.AddAsync(OutboxDestination.Clerk, userId, item, MetadataDelivery.Create("AAAAAAAAAAAAAAAA"));
        var claim = await outbox.ClaimAsync(OutboxDestination.Clerk, StoreKeys.PartitionOf(userId));
        Assert.True(await outbox.SettleAsync(claim!, OutboxVerdict.Dead("500")));
        return $"{claim!.Partition}/{item}";
    }
}
