using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Host.Tests.Dashboard;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Api;

/// <summary>What is held of a person is told and erased over the API and by command, and is said nowhere else.</summary>
public sealed class PersonalDataTests
{
    private const string User = "user_2MarkedPersonOfTheHost";
    private const string Email = "marked.person@example.org";
    private static readonly string[] Marks = [User, Email, "Markéd", "Nameson", "marked-avatar", "marked-metadata"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Person_IsExportedAndErased_ByCommand()
    {
        await using var dub = await DubStandIn.StartAsync(cancellationToken: Cancellation);
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DUB_API_KEY"] = dub.ApiKey, ["DUB_API_URL"] = dub.Address.ToString() });
        await SignUpAndBuyAsync(host, dub.PlantClicks(1)[0]);
        await Poll.UntilAsync(() => dub.Leads.Count == 2, "the leads are at Dub");
        string[] reach = ["--host", host.Origin.ToString(), "--api-key", HostFixture.ApiKey];

        var (exported, text) = await HostProcess.RunAsync(["export", User, "--json", .. reach]);
        var (unmeant, _) = await HostProcess.RunAsync(["erase", User, .. reach]);
        var (erased, _) = await HostProcess.RunAsync(["erase", User, "--yes", "--json", .. reach]);
        await Poll.UntilAsync(async () => (await host.CallAsync(HttpMethod.Get, $"/personal-data/{User}")).Status == 404, "the person is erased");
        var (again, _) = await HostProcess.RunAsync(["erase", User, "--yes", .. reach]);

        Assert.Equal((0, 2, 0, 1), (exported, unmeant, erased, again));
        var data = JsonNode.Parse(text.Split('\n').First(line => line.StartsWith('{')))!;
        Assert.Equal((User, Email, "Markéd Nameson"), ((string?)data["externalId"], (string?)data["customer"]!["email"], (string?)data["signUps"]![0]!["name"]));
        Assert.Equal((2, 1), (data["leads"]!.AsArray().Count, data["sales"]!.AsArray().Count));
        Assert.NotEmpty(data["deliveries"]!.AsArray());
        var (_, events) = await host.CallAsync(HttpMethod.Get, "/events?event=leads&interval=24h");
        Assert.All(events.EnumerateArray(), lead => Assert.Equal("Deleted Customer", lead.GetProperty("customer").GetProperty("name").GetString()));
        Assert.Equal(2, events.GetArrayLength());
    }

    [Fact]
    public async Task IdWithASlash_IsExportedAndErased()
    {
        await using var host = await HostFixture.StartAsync();
        using var traffic = new Traffic(host.Origin);
        await traffic.CreateLinkAsync("slash");
        await traffic.LeadAsync(await traffic.FollowAsync("slash"), "acct/7");

        Assert.Equal("acct/7", (await CallAsync(HttpMethod.Get, "acct%2F7")).Body.GetProperty("customer").GetProperty("external_id").GetString());
        Assert.True((await CallAsync(HttpMethod.Delete, "acct%2F7")).Body.GetProperty("known").GetBoolean());
        await Poll.UntilAsync(async () => (await CallAsync(HttpMethod.Get, "acct%2F7")).Status == 404, "the person is erased");
        Assert.Equal(422, (await CallAsync(HttpMethod.Delete, "a%0Ab")).Status);

        Task<(int Status, System.Text.Json.JsonElement Body)> CallAsync(HttpMethod method, string id) => host.CallAsync(method, "/personal-data/" + id);
    }

    [Fact]
    public async Task NothingPersonal_IsInLogsSpansAndMetrics()
    {
        var said = new ConcurrentQueue<string>();
        await using var dub = await DubStandIn.StartAsync(cancellationToken: Cancellation);
        await using var clerk = await ClerkServer.StartAsync(cancellationToken: Cancellation);
        using var spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Dub.Clerk" or "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                var text = $"{span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects)} {string.Join(' ', span.Events.SelectMany(one => one.Tags))}";
                if (span.Source.Name == "Dub.Clerk" || text.Contains(dub.Address.Authority, StringComparison.Ordinal) || text.Contains(clerk.Address.Authority, StringComparison.Ordinal))
                {
                    // The rest are the test's own requests.
                    said.Enqueue(text);
                }
            },
        };
        ActivitySource.AddActivityListener(spans);
        using var metrics = new MeterListener { InstrumentPublished = (instrument, listener) => Listen(instrument, listener) };
        metrics.SetMeasurementEventCallback<long>((_, _, tags, _) => said.Enqueue(string.Join(' ', tags.ToArray())));
        metrics.SetMeasurementEventCallback<double>((_, _, tags, _) => said.Enqueue(string.Join(' ', tags.ToArray())));
        metrics.Start();
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?>
        {
            ["DUB_API_KEY"] = dub.ApiKey,
            ["DUB_API_URL"] = dub.Address.ToString(),
            ["CLERK_SECRET_KEY"] = clerk.SecretKey,
            ["CLERK_API_URL"] = clerk.Address.ToString(),
        });
        dub.Faults.Script("/track/lead", FaultKind.ServerErrorBefore);
        clerk.Users.Create(User, DateTimeOffset.UtcNow);

        await SignUpAndBuyAsync(host, dub.PlantClicks(1)[0]);
        await DeliverAsync(host, "user.updated");
        foreach (var path in new[] { $"/outbox/customers/{User}", $"/customers?email={Email}", $"/personal-data/{User}", "/events?event=leads", $"/customers/ext_{User}", "/outbox" })
        {
            await host.CallAsync(HttpMethod.Get, path);
        }

        await host.CallAsync(HttpMethod.Post, "/track/lead", $$"""{"clickId":"AAAAAAAAAAAAAAAA","eventName":"Trial","customerExternalId":"{{User}}","customerEmail":"{{Email}}"}""");
        await host.CallAsync(HttpMethod.Post, "/track/sale", $$"""{"customerExternalId":"{{User}}","amount":"{{Email}}"}""");
        await DeliverAsync(host, "user.deleted");
        await Poll.UntilAsync(async () => (await host.CallAsync(HttpMethod.Get, $"/personal-data/{User}")).Status == 404, "the person is erased");

        Assert.NotEmpty(said);
        Assert.DoesNotContain(said, HasMark);
        Assert.DoesNotContain(host.Log.Entries.Where(entry => !IsOfTheFramework(entry)).Select(entry => $"{entry.Category} {entry.Message} {entry.Exception}"), HasMark);
    }

    [Fact]
    public async Task HostAsItComes_LogsNoAddressThatNamesSomebody()
    {
        var folder = Directory.CreateTempSubdirectory("dub-host-");
        try
        {
            var port = FreePort.Next();
            await using var host = await HostProcess.ServeAsync(new Dictionary<string, string?>
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
                ["CLERK_WEBHOOK_SIGNING_SECRET"] = TestClerk.Instance.WebhookSecret,
                ["DUBCLERK_API_KEY"] = HostFixture.ApiKey,
                ["DUBCLERK_DATA_DIR"] = folder.FullName,
            });
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            http.DefaultRequestHeaders.Authorization = new("Bearer", HostFixture.ApiKey);

            using var listed = await http.GetAsync($"/customers?email={Email}", Cancellation);
            using var erased = await http.DeleteAsync($"/personal-data/{User}", Cancellation);

            Assert.Equal((200, 202), ((int)listed.StatusCode, (int)erased.StatusCode));
            await Poll.UntilAsync(async () => (await http.GetAsync($"/personal-data/{User}", Cancellation)).StatusCode == System.Net.HttpStatusCode.NotFound, "the host has done its work");
            Assert.DoesNotContain(Marks, mark => host.Output.Contains(mark, StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>At Debug the framework names every path that it is asked for. At Information, where people log, it does not.</summary>
    private static bool IsOfTheFramework(TestLogEntry entry)
        => entry.Level <= Microsoft.Extensions.Logging.LogLevel.Information && entry.Category.StartsWith("Microsoft.", StringComparison.Ordinal);

    private static bool HasMark(string text) => Marks.Any(mark => text.Contains(mark, StringComparison.Ordinal));

    private static void Listen(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == "Dub.Clerk")
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    /// <summary>A sign-up by way of Dub, one more lead, and a sale.</summary>
    private static async Task SignUpAndBuyAsync(HostFixture host, string click)
    {
        await DeliverAsync(host, "user.created", click);
        await Poll.UntilAsync(async () => (await host.CallAsync(HttpMethod.Get, $"/customers/ext_{User}")).Status == 200, "the sign-up is a lead");
        Assert.Equal(200, (await host.CallAsync(
            HttpMethod.Post, "/track/lead",
            $$$"""{"clickId":"{{{click}}}","eventName":"Trial","customerExternalId":"{{{User}}}","metadata":{"note":"marked-metadata"}}""")).Status);
        Assert.Equal(200, (await host.CallAsync(
            HttpMethod.Post, "/track/sale",
            $$$"""{"customerExternalId":"{{{User}}}","amount":4200,"invoiceId":"inv_1","metadata":{"note":"marked-metadata"}}""")).Status);
    }

    private static async Task DeliverAsync(HostFixture host, string type, string? click = null)
    {
        var user = JsonNode.Parse(host.Clerk.UserCreated(
            User, DateTimeOffset.UtcNow, "Markéd", "Nameson", Email, click is null ? null : new JsonObject { ["dub_id"] = click }))!["data"]!.AsObject();
        user["image_url"] = "https://img.example.com/marked-avatar.png";
        var (_, request) = host.Clerk.SignDelivery(host.Clerk.Event(type, user, DateTimeOffset.UtcNow), deliveryId: null, DateTimeOffset.UtcNow);
        using (request)
        {
            request.RequestUri = new Uri(host.Origin, "/webhooks/clerk");
            using var response = await host.Client.SendAsync(request, Cancellation);
            Assert.True(response.IsSuccessStatusCode);
        }
    }
}
