using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;
using Dub.Clerk.Dub;
using Dub.Clerk.Host.Reconciliation;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Outbox;
using Dub.Clerk.SignUps;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Deliveries;

/// <summary>Clerk, the ledger and Dub are compared, and what differs is mended.</summary>
public sealed class ReconcilerTests : IAsyncLifetime
{
    private DeliveryStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await DeliveryStage.StartAsync(StoreKind.Garnet);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task WhereEverythingIsAsItShouldBe_NothingDiffers()
    {
        for (var user = 0; user < 5; user++)
        {
            await _stage.SignUpAsync($"user_{user}");
        }

        await _stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(1));
        _stage.Clerk.Users.Create("user_without_click", _stage.Time.GetUtcNow());
        await _stage.Host.UserCreatedAsync("user_without_click");

        var result = await RunAsync(repair: true);

        Assert.Equal((6, 5, 0), (result.Accounts, result.Leads, result.OnTheirWay));
        Assert.Empty(result.Differences);
    }

    [Fact]
    public async Task LostWebhook_IsMadeUpFor()
    {
        var click = _stage.Dub.PlantClicks(1)[0];
        _stage.Clerk.Users.Create("user_1", _stage.Time.GetUtcNow(), unsafeMetadata: new JsonObject { ["dub_id"] = click });

        await AssertDifferenceAsync("user_1", DifferenceKind.WebhookMissing);

        Assert.Equal(click, Assert.Single(_stage.Dub.Leads).ClickId);
    }

    [Fact]
    public async Task ClickThatIsMissingInClerk_IsWritten()
    {
        var click = await _stage.SignUpAsync("user_1");
        await _stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(1));
        _stage.Clerk.Users.Update("user_1", user => user["public_metadata"] = new JsonObject { ["plan"] = "free" });

        await AssertDifferenceAsync("user_1", DifferenceKind.MetadataMissing);

        var metadata = _stage.Clerk.Users.Find("user_1")!["public_metadata"]!;
        Assert.Equal((click, "free"), ((string?)metadata["dubClickId"], (string?)metadata["plan"]));
    }

    [Fact]
    public async Task LeadFromBeforeTheKeyWasSet_IsSent()
    {
        var keyless = _stage.AddHost(options => (options.DubApiKey, options.ClerkSecretKey) = (null, null));
        var click = await _stage.Host.ClickAsync(id: _stage.Dub.PlantClicks(1)[0], fromDub: true);
        _stage.Clerk.Users.Create("user_1", _stage.Time.GetUtcNow(), publicMetadata: new JsonObject { ["dubClickId"] = click.Id });
        await keyless.UserCreatedAsync("user_1", metadataClickId: click.Id);

        await AssertDifferenceAsync("user_1", DifferenceKind.NotSent);

        Assert.Equal(click.Id, Assert.Single(_stage.Dub.Leads).ClickId);
    }

    [Fact]
    public async Task LeadThatDubAcknowledgedAndLost_IsSentAgainWhenTheKeyHasExpired()
    {
        _stage.Dub.Faults.Script("/track/lead", null, FaultKind.LeadNeverRecorded);
        var click = await _stage.SignUpAsync("user_1");
        await _stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(1, (await RunAsync(repair: false)).OnTheirWay);
        _stage.Time.Advance(TimeSpan.FromHours(2));

        await AssertDifferenceAsync("user_1", DifferenceKind.LostAtDub);

        Assert.Equal(click, Assert.Single(_stage.Dub.Leads).ClickId);
    }

    [Fact]
    public async Task DeadLetter_IsTriedAgain()
    {
        await _stage.SignUpAsync("user_1");
        await _stage.RunAsync();
        _stage.Dub.Faults.Set(FaultKind.ServerErrorBefore, 1);
        await _stage.SignUpAsync("user_2", await KnownClickAsync());
        while ((await _stage.Host.Get<OutboxStore>().MeasureAsync(Store.OutboxDestination.Dub)).Dead == 0)
        {
            var (due, now) = (await _stage.NextDueAsync() ?? _stage.Time.GetUtcNow(), _stage.Time.GetUtcNow());
            _stage.Time.SetUtcNow(due > now ? due : now.AddMinutes(2));
            await _stage.RunAsync();
        }

        _stage.Dub.Faults.Clear();
        _stage.Time.Advance(TimeSpan.FromMinutes(2));

        await AssertDifferenceAsync("user_2", DifferenceKind.GivenUp);

        Assert.Single(_stage.Dub.Leads, lead => lead.CustomerExternalId == "user_2");
    }

    [Fact]
    public async Task LeadThatSomebodyElseSent_IsShownAndLeftAlone()
    {
        _stage.Clerk.Users.Create("user_1", _stage.Time.GetUtcNow());
        await _stage.Host.UserCreatedAsync("user_1");
        using var http = new HttpClient { BaseAddress = _stage.Dub.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _stage.Dub.ApiKey);
        var lead = new JsonObject { ["clickId"] = _stage.Dub.PlantClicks(1)[0], ["eventName"] = "Sign Up", ["customerExternalId"] = "user_1" };
        using var response = await http.PostAsync("/track/lead", new StringContent(lead.ToJsonString(), new MediaTypeHeaderValue("application/json")), TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode);
        await Poll.UntilAsync(() => _stage.Dub.Leads.Count == 1, "the lead is recorded");

        var result = await RunAsync(repair: true);

        Assert.Equal(new Difference("user_1", DifferenceKind.OnlyAtDub, Repaired: false), Assert.Single(result.Differences));
    }

    [Fact]
    public async Task ServiceThatFailsNowAndThen_IsAskedAgain()
    {
        _stage.Clerk.Users.Create("user_1", _stage.Time.GetUtcNow());
        _stage.Clerk.Faults.Next(ClerkFault.UnavailableBefore, 2);
        _stage.Dub.Faults.Script("/events", FaultKind.ServerErrorBefore, FaultKind.TruncatedJson);

        Assert.Equal(1, (await RunAsync(repair: false)).Accounts);
    }

    [Fact]
    public async Task ServiceThatIsAway_EndsItWithAReason()
    {
        _stage.Clerk.Faults.Next(ClerkFault.UnavailableBefore, 20);

        var fault = await Assert.ThrowsAsync<ReconciliationException>(() => RunAsync(repair: false));

        Assert.Contains("Clerk", fault.Message, StringComparison.Ordinal);
    }

    private async Task AssertDifferenceAsync(string userId, DifferenceKind kind)
    {
        // First a dry run, which changes nothing.
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(new Difference(userId, kind, Repaired: false), Assert.Single((await RunAsync(repair: false)).Differences));
            Assert.Null(await _stage.NextDueAsync());
        }

        Assert.Equal(new Difference(userId, kind, Repaired: true), Assert.Single((await RunAsync(repair: true)).Differences));
        await _stage.RunUntilEmptyAsync(TimeSpan.FromDays(8));
        Assert.Empty((await RunAsync(repair: false)).Differences);
    }

    private async Task<string> KnownClickAsync() => (await _stage.Host.ClickAsync(id: _stage.Dub.PlantClicks(1)[0], fromDub: true)).Id;

    private async Task<ReconciliationResult> RunAsync(bool repair)
    {
        var host = _stage.Host;
        var reconciler = new Reconciler(
            host.Get<Clerk.ClerkClient>(), host.Get<DubClient>(), host.Get<SignUpJoin>(), host.Get<ConversionTracker>(), host.Get<OutboxStore>(), host.Get<OutboxDestinations>(), _stage.Time);
        var running = reconciler.RunAsync(TestHost.Start.AddDays(-1), _stage.Time.GetUtcNow().AddMinutes(1), repair, TestContext.Current.CancellationToken);

        // Its pauses are seconds, and there is nothing else to wait for.
        await _stage.WhileRunningAsync(running, TimeSpan.FromMilliseconds(5));
        return await running;
    }
}
