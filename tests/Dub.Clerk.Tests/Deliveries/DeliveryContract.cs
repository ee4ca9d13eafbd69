using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Outbox;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Tests.Deliveries;

/// <summary>What deliveries to Dub and Clerk promise, whatever store they run on.</summary>
public abstract class DeliveryContract(StoreKind kind) : StageContract(kind)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>The ways in which a call can fail that trying again gets over.</summary>
    public static TheoryData<FaultKindName, bool> Faults
    {
        get
        {
            var data = new TheoryData<FaultKindName, bool>();
            foreach (var fault in FaultPlan.Storm)
            {
                data.Add(new FaultKindName(fault.ToString()), true);
                data.Add(new FaultKindName(fault.ToString()), false);
            }

            return data;
        }
    }

    [Fact]
    public async Task ClickThatOnlyDubKnows_IsALeadHereAndThereWhenDubHasSaidSo()
    {
        var click = await Stage.SignUpAsync("user_1");
        Assert.Equal((SignUpState.Pending, NoLeadReason.ProvingClick), await StateAsync("user_1"));
        Assert.Empty(await Stage.Host.LeadsAsync());

        await Stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((SignUpState.Tracked, NoLeadReason.None), await StateAsync("user_1"));
        Assert.Equal(click, Assert.Single(await Stage.Host.LeadsAsync()).Click.Id);
        AssertOneLeadAtDub("user_1", click);
        AssertMetadata("user_1", click);
    }

    [Fact]
    public async Task ClickThatDubToldUsOf_IsProvenAndSentOnce()
    {
        var click = await Stage.Host.ClickAsync(id: Stage.Dub.PlantClicks(1)[0], fromDub: true);
        await Stage.SignUpAsync("user_1", click.Id);
        Assert.Equal((SignUpState.Tracked, NoLeadReason.None), await StateAsync("user_1"));

        await Stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(1));

        AssertOneLeadAtDub("user_1", click.Id);
        Assert.Equal((1, 1), (CallsFor("user_1", "deferred"), CallsFor("user_1", "wait")));
    }

    [Fact]
    public async Task ClickOnALinkOfOurs_IsNoneOfDubs()
    {
        var click = await Stage.Host.ClickAsync();
        await Stage.SignUpAsync("user_1", click.Id);

        await Stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(0, Stage.Dub.Calls.Total);
        AssertMetadata("user_1", click.Id);
    }

    [Fact]
    public async Task ClickThatNobodyKnows_IsAskedForThreeTimesAndThenUnknown()
    {
        await Stage.SignUpAsync("user_1", "AAAAAAAAAAAAAAAA");

        var took = await Stage.RunUntilEmptyAsync(Day);

        Assert.Equal((SignUpState.NotAttributed, NoLeadReason.UnknownClick), await StateAsync("user_1"));
        Assert.Equal(3, CallsFor("user_1", "deferred"));
        Assert.InRange(took, TimeSpan.FromMinutes(65), TimeSpan.FromMinutes(66));
        Assert.Null(Metadata("user_1")["dubClickId"]);
    }

    [Fact]
    public async Task ClickThatDubLearnsOfLater_IsALead()
    {
        await Stage.SignUpAsync("user_1", "AAAAAAAAAAAAAAAA");
        await Stage.RunAsync();
        Stage.Dub.PlantClicks(["AAAAAAAAAAAAAAAA"]);

        await Stage.RunUntilEmptyAsync(Day);

        AssertOneLeadAtDub("user_1", "AAAAAAAAAAAAAAAA");
    }

    [Fact]
    public async Task TwoUnknownClicks_AreBothAskedFor()
    {
        var real = Stage.Dub.PlantClicks(1)[0];
        Stage.Clerk.Users.Create("user_1", Stage.Time.GetUtcNow());
        await Stage.Host.ClickSeenAsync("user_1", real);
        await Stage.Host.UserCreatedAsync("user_1", metadataClickId: "AAAAAAAAAAAAAAAA");

        await Stage.RunUntilEmptyAsync(Day);

        AssertOneLeadAtDub("user_1", real);
        AssertMetadata("user_1", real, keeps: null);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task AnyFailureOfOneCall_EndsInExactlyOneLead(FaultKindName fault, bool onTheRealCall)
    {
        Stage.Dub.Faults.Script("/track/lead", onTheRealCall ? [null, fault.Kind] : [fault.Kind]);
        var click = await Stage.SignUpAsync("user_1");

        // Virtual time runs faster than time-outs, so that a reply that never comes is not waited for.
        await Stage.RunUntilEmptyAsync(8 * Day, TimeSpan.FromMilliseconds(20));

        AssertOneLeadAtDub("user_1", click);
        AssertMetadata("user_1", click);
        Assert.Equal(0, (await DepthAsync(OutboxDestination.Dub)).Dead);
    }

    [Fact]
    public async Task KeyThatIsTakenAndThenLost_IsHeldForSevenDaysAndSentAgain()
    {
        Stage.Dub.Faults.Script("/track/lead", null, FaultKind.KeyTakenThenLost);
        var click = await Stage.SignUpAsync("user_1");
        await Stage.RunAsync();
        Assert.Equal(1, CallsFor("user_1", "wait"));
        Assert.Empty(Stage.Dub.Leads);

        var took = await Stage.RunUntilEmptyAsync(8 * Day);

        Assert.InRange(took, TimeSpan.FromDays(6.9), TimeSpan.FromDays(7.1));
        AssertOneLeadAtDub("user_1", click);
        Assert.Equal(3, CallsFor("user_1", "wait"));
    }

    [Fact]
    public async Task FailuresBetweenAnswers_DoNotAddUpToADeadLetter()
    {
        var click = await Stage.SignUpAsync("user_1");
        Stage.Dub.Faults.Script("/track/lead", null, FaultKind.KeyTakenThenLost);

        // Together they are more than a lead is given up after.
        var failures = Enumerable.Repeat<FaultKind?>(FaultKind.ServerErrorBefore, RetryPolicy.MaxAttempts - 5);
        Stage.Dub.Faults.Script("/customers/{id}", [.. failures, null, .. failures, null, .. failures, null, .. failures]);

        await Stage.RunUntilEmptyAsync(40 * Day);

        AssertOneLeadAtDub("user_1", click);
    }

    [Fact]
    public async Task ClickThatDubForgetsWhileTheKeyIsTaken_IsGivenUpInTheEnd()
    {
        // Found for five minutes, as any new click, and then no more.
        Stage.Dub.Options.IngestionLag = 365 * Day;
        Stage.Dub.Faults.Script("/track/lead", null, FaultKind.KeyTakenThenLost);
        await Stage.SignUpAsync("user_1");

        await Stage.RunUntilEmptyAsync(8 * Day);

        Assert.Equal(1, (await DepthAsync(OutboxDestination.Dub)).Dead);
    }

    [Fact]
    public async Task LeadThatShowsLate_IsNotSentAgain()
    {
        Stage.Dub.Options.IngestionLag = TimeSpan.FromMinutes(20);
        Stage.Dub.Faults.Script("/track/lead", null, FaultKind.ServerErrorAfter);
        var click = await Stage.SignUpAsync("user_1");

        var took = await Stage.RunUntilEmptyAsync(8 * Day);

        Assert.InRange(took, TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(40));
        AssertOneLeadAtDub("user_1", click);
    }

    [Fact]
    public async Task OptionalFieldThatDubRefuses_IsLeftOut()
    {
        var host = Stage.AddHost(options => options.OnLead = (lead, _) =>
        {
            // Within the limit as text, beyond it as JSON.
            lead.Metadata["lines"] = new string('\n', 9000);
            return ValueTask.CompletedTask;
        });
        var click = await host.ClickAsync(id: Stage.Dub.PlantClicks(1)[0], fromDub: true);
        await host.UserCreatedAsync("user_1", metadataClickId: click.Id);

        await Stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(1));

        AssertOneLeadAtDub("user_1", click.Id);
        Assert.Null(Stage.Dub.Leads[0].Metadata);
        Assert.Equal("Ada Byron", Stage.Dub.Leads[0].Customer.Name);
    }

    [Theory]
    [InlineData(nameof(DubKeyState.Revoked))]
    [InlineData(nameof(DubKeyState.NoPermission))]
    public async Task RefusedKey_PausesEverythingAndSaysSoAndGoesOnByItself(string state)
    {
        Stage.Dub.Options.Key = Enum.Parse<DubKeyState>(state);
        var clicks = new List<string>();
        for (var user = 0; user < 20; user++)
        {
            clicks.Add(await Stage.SignUpAsync($"user_{user}"));
        }

        await Stage.RunAsync();
        var alarm = Assert.Single(Stage.Host.Log.Entries, entry => entry.Level == LogLevel.Critical);
        Assert.Contains("DUB_API_KEY", alarm.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Stage.Dub.ApiKey, alarm.Message, StringComparison.Ordinal);

        // For an hour one call a minute sees whether the key is taken again.
        var before = Stage.Dub.Calls.Total;
        for (var minute = 0; minute < 60; minute++)
        {
            Stage.Time.Advance(TimeSpan.FromMinutes(1));
            await Stage.RunAsync();
        }

        Assert.InRange(Stage.Dub.Calls.Total - before, 50, 70);
        Stage.Dub.Options.Key = DubKeyState.Valid;

        await Stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(3));

        Assert.Equal(clicks.Order(), Stage.Dub.Leads.Select(lead => lead.ClickId).Order());
        Assert.Equal(0, (await DepthAsync(OutboxDestination.Dub)).Dead);
    }

    [Fact]
    public async Task DubDownForADay_LosesNothingAndIsNotStormed()
    {
        const int users = 30;
        for (var user = 0; user < users; user++)
        {
            await Stage.SignUpAsync($"user_{user}");
        }

        Stage.Dub.Faults.Set(FaultKind.ServerErrorBefore, 1);
        var end = Stage.Time.GetUtcNow() + Day;
        while (Stage.Time.GetUtcNow() < end)
        {
            await Stage.RunAsync();
            Stage.Time.Advance(TimeSpan.FromMinutes(5));
        }

        // Thirty leads with fourteen attempts each would have been 420 calls, and a client without a breaker makes them all.
        Assert.InRange(Stage.Dub.Calls.Total, 20, 400);
        Assert.Equal("Dub is away.", Stage.Host.Get<DestinationGates>()[OutboxDestination.Dub].Reason);
        Assert.Equal((users, 0), ((await DepthAsync(OutboxDestination.Dub)).Waiting, (await DepthAsync(OutboxDestination.Dub)).Dead));
        Stage.Dub.Faults.Clear();

        await Stage.RunUntilEmptyAsync(Day);

        Assert.Equal(users, Stage.Dub.Leads.Select(lead => lead.CustomerExternalId).Distinct().Count());
        Assert.Equal(users, Stage.Dub.Leads.Count);
        Assert.Null(Stage.Host.Get<DestinationGates>()[OutboxDestination.Dub].Reason);
    }

    [Fact]
    public async Task CallThatAlwaysFails_IsGivenUpAfterDaysAndBlocksNobody()
    {
        var slow = TimeSpan.FromMicroseconds(50);
        Stage.Dub.Options.Key = DubKeyState.Valid;
        await Stage.SignUpAsync("user_poison");
        for (var attempt = 0; attempt < RetryPolicy.MaxAttempts; attempt++)
        {
            // Others go through in between, so this is no outage. The clock is slow: the next attempt is seconds away, and is not to be made before they are through.
            Stage.Dub.Faults.Script("/track/lead", FaultKind.ServerErrorBefore);
            await Stage.RunAsync(step: slow);
            var click = await Stage.SignUpAsync($"user_{attempt}");
            await Stage.RunAsync(step: slow);
            await Stage.RunAsync(step: slow);
            AssertOneLeadAtDub($"user_{attempt}", click);
            await Stage.GoToNextDueAsync();
        }

        var outbox = Stage.Host.Get<OutboxStore>();
        var dead = Assert.Single(await outbox.ListAsync(OutboxDestination.Dub, dead: true, take: 10));
        Assert.Equal(("user_poison", RetryPolicy.MaxAttempts), (dead.Customer, dead.Attempts));
        Assert.StartsWith("500", dead.Error, StringComparison.Ordinal);
        Assert.InRange(Stage.Time.GetUtcNow() - TestHost.Start, 2 * Day, 5 * Day);

        Assert.True(await outbox.ReplayAsync(OutboxDestination.Dub, dead.Partition, dead.Item));
        await Stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(1));
        Assert.Single(Stage.Dub.Leads, lead => lead.CustomerExternalId == "user_poison");
        Assert.Empty(await outbox.ListAsync(OutboxDestination.Dub, dead: true, take: 10));
    }

    [Fact]
    public async Task Lane_IsListedWithWhatWasGivenUpOfIt()
    {
        var outbox = Stage.Host.Get<OutboxStore>();
        var (metadata, account, other) = (new OutboxItem(OutboxItem.MetadataKind, "user_1"), new OutboxItem(OutboxItem.AccountKind, "user_1"), new OutboxItem(OutboxItem.MetadataKind, "user_2"));
        foreach (var (lane, item) in new[] { ("user_1", metadata), ("user_2", other) })
        {
            await outbox.AddAsync(OutboxDestination.Clerk, lane, item, "{}"u8.ToArray());
            var claim = await outbox.ClaimAsync(OutboxDestination.Clerk, StoreKeys.PartitionOf(lane));
            Assert.True(await outbox.SettleAsync(claim!, OutboxVerdict.Dead("no")));
        }

        await outbox.AddAsync(OutboxDestination.Clerk, "user_1", account, "{}"u8.ToArray());

        Assert.Equal([account, metadata], await outbox.ListLaneAsync(OutboxDestination.Clerk, "user_1"));
        Assert.Empty(await outbox.ListLaneAsync(OutboxDestination.Clerk, "user_3"));
    }

    [Fact]
    public async Task DroppedDeadLetter_IsGone()
    {
        var host = Stage.AddHost(options => options.OnLead = (_, _) => throw new InvalidOperationException("always"));
        var click = await host.ClickAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.UserCreatedAsync("user_1", metadataClickId: click.Id));
        while (await Stage.GoToNextDueAsync())
        {
            await Stage.RunAsync(host);
        }

        var outbox = host.Get<OutboxStore>();
        var dead = Assert.Single(await outbox.ListAsync(OutboxDestination.Local, dead: true, take: 10));
        Assert.Equal("InvalidOperationException", dead.Error);

        Assert.True(await outbox.DropAsync(dead.Destination, dead.Partition, dead.Item, default));

        Assert.Empty(await outbox.ListAsync(OutboxDestination.Local, dead: true, take: 10));
        Assert.Null(await outbox.FindAsync(dead.Destination, dead.Partition, dead.Item));
        Assert.False(await outbox.DropAsync(dead.Destination, dead.Partition, dead.Item, default));
    }

    [Fact]
    public async Task SecondLeadOfACustomer_NeverGoesBeforeTheFirst()
    {
        var names = new Queue<string>(["First", "Second"]);
        var click = await Stage.Host.ClickAsync(id: Stage.Dub.PlantClicks(1)[0], fromDub: true);
        foreach (var name in names)
        {
            await Stage.Host.Conversions.TrackLeadAsync(new() { CustomerExternalId = "cus", Click = click, EventName = name });
        }

        Stage.Dub.Faults.Script("/track/lead", FaultKind.ServerErrorBefore, FaultKind.ServerErrorBefore, null, FaultKind.ServerErrorBefore);

        await Stage.RunUntilEmptyAsync(Day);

        Assert.Equal(["First", "Second"], Stage.Dub.Leads.Select(lead => lead.EventName));
    }

    [Fact]
    public async Task TwoHostsWithoutFaults_MakeNoCallTwice()
    {
        const int users = 100;
        var other = Stage.AddHost();
        for (var user = 0; user < users; user++)
        {
            await Stage.SignUpAsync($"user_{user}");
        }

        while (await Stage.NextDueAsync() is not null)
        {
            await Task.WhenAll(Stage.RunAsync(), Stage.RunAsync(other));
        }

        Assert.All(Enumerable.Range(0, users), user => Assert.Equal((1, 1), (CallsFor($"user_{user}", "deferred"), CallsFor($"user_{user}", "wait"))));
        Assert.Equal(users, Stage.Clerk.Calls.Count(ClerkCallKind.MergeMetadata));
        Assert.Equal(2 * users, Stage.Dub.Calls.Total);
    }

    [Fact]
    public async Task ClaimOfAKilledHost_IsAnothersAfterTheLease()
    {
        await Stage.SignUpAsync("user_1");
        var outbox = Stage.Host.Get<OutboxStore>();
        var partition = StoreKeys.PartitionOf("user_1");
        var lost = await outbox.ClaimAsync(OutboxDestination.Dub, partition);
        Assert.NotNull(lost);
        Assert.Null(await outbox.ClaimAsync(OutboxDestination.Dub, partition));

        Stage.Time.Advance(OutboxStore.Lease);
        var claim = await outbox.ClaimAsync(OutboxDestination.Dub, partition);

        Assert.Equal(lost.Item, claim!.Item);
        Assert.False(await outbox.SettleAsync(lost, OutboxVerdict.Done()));
        Assert.False(await outbox.KeepAsync(lost, default));
        Assert.True(await outbox.SettleAsync(claim, OutboxVerdict.Wait(Stage.Time.GetUtcNow())));
    }

    [Fact]
    public async Task AppWithoutKeys_LeavesTheWorkToTheHostThatHasThem()
    {
        var app = Stage.AddHost(options => (options.DubApiKey, options.ClerkSecretKey) = (null, null));
        await Stage.Host.Get<OutboxDestinations>().AnnounceAsync();
        var click = Stage.Dub.PlantClicks(1)[0];
        Stage.Clerk.Users.Create("user_1", Stage.Time.GetUtcNow());
        await app.UserCreatedAsync("user_1", metadataClickId: click);
        await Stage.RunAsync(app);
        Assert.Equal(0, Stage.Dub.Calls.Total);

        await Stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(1));

        AssertOneLeadAtDub("user_1", click);
        AssertMetadata("user_1", click, keeps: null);
    }

    [Fact]
    public async Task WebhookThatNeverComes_IsMadeUpForByAskingClerk()
    {
        var click = Stage.Dub.PlantClicks(1)[0];
        Stage.Clerk.Users.Create("user_1", Stage.Time.GetUtcNow());
        Assert.Equal(NoLeadReason.AwaitingWebhook, (await Stage.Host.ClickSeenAsync("user_1", click)).Reason);

        var took = await Stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(5));

        AssertOneLeadAtDub("user_1", click);
        Assert.InRange(took, TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(4));
    }

    [Fact]
    public async Task WebhookThatComesInTime_SavesTheQuestionToClerk()
    {
        var click = Stage.Dub.PlantClicks(1)[0];
        Stage.Clerk.Users.Create("user_1", Stage.Time.GetUtcNow());
        await Stage.Host.ClickSeenAsync("user_1", click);
        await Stage.Host.UserCreatedAsync("user_1");

        await Stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(5));

        AssertOneLeadAtDub("user_1", click);
        Assert.Equal(0, Stage.Clerk.Calls.Count(ClerkCallKind.GetUser));
    }

    /// <summary>It had waited behind the question that was not needed any more.</summary>
    [Fact]
    public async Task WebhookThatComesAfterTheBrowser_ClerkLearnsTheClickWithinAMinute()
    {
        var click = Stage.Dub.PlantClicks(1)[0];
        Stage.Clerk.Users.Create("user_1", Stage.Time.GetUtcNow());
        await Stage.Host.ClickSeenAsync("user_1", click);
        await Stage.Host.UserCreatedAsync("user_1");

        for (var round = 0; round < 10; round++)
        {
            await Stage.RunAsync();
            Stage.Time.Advance(TimeSpan.FromSeconds(5));
        }

        AssertMetadata("user_1", click, keeps: null);
    }

    [Fact]
    public async Task UserWhoIsGone_EndsTheDeliveryToClerk()
    {
        var click = await Stage.SignUpAsync("user_1");
        Stage.Clerk.Users.Delete("user_1");

        await Stage.RunUntilEmptyAsync(Day);

        AssertOneLeadAtDub("user_1", click);
        Assert.Equal(1, Stage.Clerk.Calls.Count(ClerkCallKind.MergeMetadata));
    }

    [Fact]
    public async Task ClerkThatFails_GetsTheClickInTheEnd()
    {
        foreach (var fault in ClerkFaults.Quick)
        {
            Stage.Clerk.Faults.Next(fault);
        }

        var click = await Stage.SignUpAsync("user_1");

        await Stage.RunUntilEmptyAsync(Day);

        AssertMetadata("user_1", click);
    }

    [Fact]
    public async Task FinishedDelivery_TellsItsStoryWithoutPersonalData()
    {
        Stage.Dub.Faults.Script("/track/lead", null, FaultKind.ServerErrorBefore);
        await Stage.SignUpAsync("user_1");
        await Stage.RunUntilEmptyAsync(Day);
        var lead = Assert.Single(await Stage.Host.LeadsAsync());

        var entry = await Stage.Host.Get<OutboxStore>().FindAsync(
            OutboxDestination.Dub, StoreKeys.PartitionOf("user_1"), new OutboxItem(OutboxItem.LeadKind, lead.Id));

        Assert.Equal(OutboxEntryState.Done, entry!.State);
        var state = JsonNode.Parse(entry.Json.Span)!;
        Assert.Equal("Recorded", (string)state["stage"]!);
        Assert.Equal(["Failed", "Accepted"], state["history"]!.AsArray().Select(attempt => (string)attempt!["outcome"]!));
        Assert.DoesNotContain("ada@", state.ToJsonString(), StringComparison.Ordinal);
        Assert.All(Stage.Host.Log.Entries, logged => Assert.DoesNotContain("ada@", logged.Message, StringComparison.Ordinal));
    }

    private int CallsFor(string userId, string mode) => Stage.Dub.Calls.Count("/track/lead", userId, mode);

    private async Task<OutboxDepth> DepthAsync(OutboxDestination destination) => await Stage.Host.Get<OutboxStore>().MeasureAsync(destination);

    private async Task<(SignUpState State, NoLeadReason Reason)> StateAsync(string userId)
        => await Stage.Host.SignUpAsync(userId) is { } signUp ? (signUp.State, signUp.Reason) : default;

    private JsonObject Metadata(string userId) => Stage.Clerk.Users.Find(userId)!["public_metadata"]!.AsObject();

    private void AssertOneLeadAtDub(string userId, string click)
    {
        var lead = Assert.Single(Stage.Dub.Leads, lead => lead.CustomerExternalId == userId);
        Assert.Equal((click, "Sign Up"), (lead.ClickId, lead.EventName));
    }

    private void AssertMetadata(string userId, string click, string? keeps = "pro")
    {
        Assert.Equal(click, (string?)Metadata(userId)["dubClickId"]);
        Assert.Equal(keeps, (string?)Metadata(userId)["plan"]);
    }
}

/// <summary>A fault's name, which is shown in the test's.</summary>
public sealed record FaultKindName(string Name)
{
    internal FaultKind Kind => Enum.Parse<FaultKind>(Name);

    public override string ToString() => Name;
}

/// <summary>On the embedded store.</summary>
public sealed class DeliveriesOnGarnet() : DeliveryContract(StoreKind.Garnet);

/// <summary>On a real redis-server.</summary>
public sealed class DeliveriesOnRedis() : DeliveryContract(StoreKind.Redis);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class DeliveriesOnCluster() : DeliveryContract(StoreKind.Cluster);
