using Dub.Clerk.Conversions;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.SignUps;

/// <summary>What the join promises, whatever store it runs on.</summary>
public abstract class SignUpContract(StoreKind kind) : HostContract(kind)
{
    [Fact]
    public async Task WebhookThenBrowser_IsOneLead()
    {
        var click = await Host.ClickAsync();

        Assert.Equal(SignUpState.Pending, (await Host.UserCreatedAsync("user_1")).State);
        var signUp = await Host.ClickSeenAsync("user_1", click.Id);

        await AssertOneLeadAsync("user_1", click, signUp);
    }

    [Fact]
    public async Task BrowserThenWebhook_IsOneLead()
    {
        var click = await Host.ClickAsync();

        var pending = await Host.ClickSeenAsync("user_1", click.Id);
        Assert.Equal((SignUpState.Pending, NoLeadReason.AwaitingWebhook), (pending.State, pending.Reason));
        var signUp = await Host.UserCreatedAsync("user_1");

        await AssertOneLeadAsync("user_1", click, signUp);
    }

    [Fact]
    public async Task ClickInMetadata_IsOneLeadWithoutTheBrowser()
    {
        var click = await Host.ClickAsync();

        await AssertOneLeadAsync("user_1", click, await Host.UserCreatedAsync("user_1", metadataClickId: click.Id));
    }

    [Fact]
    public async Task ClickInMetadata_BeatsTheCookie()
    {
        var (inCookie, inMetadata) = (await Host.ClickAsync(), await Host.ClickAsync());

        await Host.ClickSeenAsync("user_1", inCookie.Id);

        await AssertOneLeadAsync("user_1", inMetadata, await Host.UserCreatedAsync("user_1", metadataClickId: inMetadata.Id));
    }

    [Theory]
    [InlineData("test")]
    [InlineData("AAAAAAAAAAAAAAAA")]
    public async Task UselessMetadata_LeavesTheCookiesClick(string metadataClickId)
    {
        var click = await Host.ClickAsync();

        var first = await Host.UserCreatedAsync("user_1", metadataClickId: metadataClickId);
        Assert.Equal(SignUpState.NotAttributed, first.State);

        await AssertOneLeadAsync("user_1", click, await Host.ClickSeenAsync("user_1", click.Id));
    }

    [Fact]
    public async Task EverythingRepeated_IsStillOneLead()
    {
        var click = await Host.ClickAsync();
        for (var i = 0; i < 3; i++)
        {
            await Host.ClickSeenAsync("user_1", click.Id);
            await Host.UserCreatedAsync("user_1");
            Time.Advance(TimeSpan.FromHours(5));
        }

        await AssertOneLeadAsync("user_1", click, await Host.UserCreatedAsync("user_1"));
    }

    [Fact]
    public async Task LaterClicks_ChangeNothing()
    {
        var (first, second) = (await Host.ClickAsync(), await Host.ClickAsync());

        await Host.ClickSeenAsync("user_1", first.Id);
        await Host.ClickSeenAsync("user_1", second.Id);

        await AssertOneLeadAsync("user_1", first, await Host.UserCreatedAsync("user_1"));
    }

    [Fact]
    public async Task ClickAfterSignUpBesideAnEarlierOne_LeavesTheEarlierOne()
    {
        var earlier = await Host.ClickAsync();
        await Host.UserCreatedAsync("user_1");
        Time.Advance(TimeSpan.FromMinutes(10));
        var later = await Host.ClickAsync();

        await AssertOneLeadAsync("user_1", earlier, await Host.ClickSeenAsync("user_1", later.Id, earlier.Id));
    }

    [Fact]
    public async Task TwoHostsThatNameTheLeadDifferently_RecordOne()
    {
        // Both judge before either has recorded: the hooks wait for each other.
        using var both = new Barrier(2);
        await using var one = Another(options => options.OnLead = (lead, _) => Name(lead, "Trial"));
        await using var two = Another(options => options.OnLead = (lead, _) => Name(lead, "Joined"));
        var click = await Host.ClickAsync();
        await Host.SignUps.WriteSightingAsync(new Sighting("user_1", click.Id));

        var statuses = await Task.WhenAll(Task.Run(() => one.UserCreatedAsync("user_1")), Task.Run(() => two.UserCreatedAsync("user_1")));

        Assert.Equal(statuses[0].LeadId, statuses[1].LeadId);
        await AssertOneLeadAsync("user_1", click, statuses[0]);

        ValueTask Name(LeadContext lead, string name)
        {
            lead.EventName = name;
            both.SignalAndWait(TimeSpan.FromSeconds(30));
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public async Task OldClickWhoseWebhookIsReplayedWeeksLater_IsALead()
    {
        var click = await Host.ClickAsync(at: TestHost.Start.AddDays(-85));
        await Host.ClickSeenAsync("user_1", click.Id);
        Time.Advance(TimeSpan.FromDays(20));

        var signUp = await Host.UserCreatedAsync("user_1", createdAt: TestHost.Start);

        Assert.Equal(SignUpState.Tracked, signUp.State);
        var ttl = await Store.Connection.GetDatabase().KeyTimeToLiveAsync(Host.Get<StoreConnection>().Keys.Click(click.Id));
        Assert.InRange(ttl!.Value, TimeSpan.FromDays(120), TimeSpan.FromDays(121));
    }

    [Fact]
    public async Task WhileTheHookFails_TheSignUpIsBeingDecided()
    {
        await using var failing = Another(options => options.OnLead = (_, _) => throw new InvalidOperationException("no"));
        var click = await failing.ClickAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing.UserCreatedAsync("user_1", metadataClickId: click.Id));

        Assert.Equal((SignUpState.Pending, NoLeadReason.Deciding), await StateAsync("user_1"));
    }

    [Fact]
    public async Task SightingAfterTheWindow_IsAnExistingUser()
    {
        await Host.UserCreatedAsync("user_1", createdAt: TestHost.Start);
        Time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromMilliseconds(1));
        var click = await Host.ClickAsync();

        await AssertNoLeadAsync(NoLeadReason.ExistingUser, await Host.ClickSeenAsync("user_1", click.Id));
    }

    [Fact]
    public async Task SightingAtTheEndOfTheWindow_IsALead()
    {
        var click = await Host.ClickAsync();
        await Host.UserCreatedAsync("user_1", createdAt: TestHost.Start);
        Time.Advance(TimeSpan.FromHours(24));

        await AssertOneLeadAsync("user_1", click, await Host.ClickSeenAsync("user_1", click.Id));
    }

    [Theory]
    [InlineData(5 * 60_000, NoLeadReason.None)]
    [InlineData((5 * 60_000) + 1, NoLeadReason.ClickAfterSignUp)]
    [InlineData(-90L * 86_400_000, NoLeadReason.None)]
    [InlineData((-90L * 86_400_000) - 1, NoLeadReason.OutsideWindow)]
    public async Task TimeOfTheClick_DecidesAtItsBoundaries(long clickMinusCreatedMilliseconds, NoLeadReason expected)
    {
        var click = await Host.ClickAsync(at: TestHost.Start.AddMilliseconds(clickMinusCreatedMilliseconds));
        await Host.UserCreatedAsync("user_1", createdAt: TestHost.Start);
        Time.Advance(TimeSpan.FromMinutes(10));

        var signUp = await Host.ClickSeenAsync("user_1", click.Id);

        Assert.Equal(expected, signUp.Reason);
        Assert.Equal(expected == NoLeadReason.None ? SignUpState.Tracked : SignUpState.NotAttributed, signUp.State);
    }

    [Fact]
    public async Task ClickNobodyRecorded_IsUnknown()
    {
        await Host.UserCreatedAsync("user_1");

        await AssertNoLeadAsync(NoLeadReason.UnknownClick, await Host.ClickSeenAsync("user_1", "AAAAAAAAAAAAAAAA"));
    }

    [Fact]
    public async Task JunkInTheCookie_IsNoClickButDoesNotStandInItsWay()
    {
        await Host.UserCreatedAsync("user_1");
        await AssertNoLeadAsync(
            NoLeadReason.InvalidClickId, await Host.NoClickSeenAsync("user_1", NoLeadReason.InvalidClickId));
        var click = await Host.ClickAsync();

        await AssertOneLeadAsync("user_1", click, await Host.ClickSeenAsync("user_1", click.Id));
    }

    [Fact]
    public async Task NoConsent_IsTheReason()
    {
        await Host.UserCreatedAsync("user_1");

        await AssertNoLeadAsync(NoLeadReason.NoConsent, await Host.NoClickSeenAsync("user_1", NoLeadReason.NoConsent));
    }

    [Fact]
    public async Task UserWithoutAClick_IsPendingUntilTheWindowEnds()
    {
        await Host.UserCreatedAsync("user_1");
        Assert.Equal((SignUpState.Pending, NoLeadReason.NoClick), await StateAsync("user_1"));

        Time.Advance(TimeSpan.FromHours(25));

        Assert.Equal((SignUpState.NotAttributed, NoLeadReason.NoClick), await StateAsync("user_1"));
    }

    [Fact]
    public async Task UnknownUser_HasNoStatus() => Assert.Null(await Host.SignUpAsync("user_nobody"));

    [Fact]
    public async Task HookThatRefuses_KeepsItsReason()
    {
        var refusing = Another(options => options.OnLead = (lead, _) =>
        {
            lead.Refuse("staff account");
            return ValueTask.CompletedTask;
        });
        await using (refusing)
        {
            var click = await refusing.ClickAsync();
            await refusing.UserCreatedAsync("user_1");
            var signUp = await refusing.ClickSeenAsync("user_1", click.Id);

            await AssertNoLeadAsync(NoLeadReason.RefusedByApp, signUp);
            Assert.Equal("staff account", signUp.Detail);
        }
    }

    [Fact]
    public async Task HookThatRenamesAndAdds_ShapesTheLead()
    {
        await using var shaping = Another(options => options.OnLead = (lead, _) =>
        {
            lead.EventName = "Trial";
            lead.Metadata["plan"] = "pro";
            return ValueTask.CompletedTask;
        });
        var click = await shaping.ClickAsync();
        await shaping.UserCreatedAsync("user_1", metadataClickId: click.Id);

        var lead = Assert.Single(await shaping.LeadsAsync());
        Assert.Equal("Trial", lead.EventName);
        Assert.Equal("pro", lead.Metadata!.Value.GetProperty("plan").GetString());
    }

    [Fact]
    public async Task HookThatThrows_LosesNothing()
    {
        var failing = true;
        await using var host = Another(options => options.OnLead = (_, _) => failing ? throw new InvalidOperationException("no") : ValueTask.CompletedTask);
        var click = await host.ClickAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.UserCreatedAsync("user_1", metadataClickId: click.Id));

        failing = false;
        Time.Advance(TimeSpan.FromMinutes(1));
        await host.Outbox.RunOnceAsync(CancellationToken.None);

        await AssertOneLeadAsync("user_1", click, (await host.SignUpAsync("user_1"))!);
    }

    [Fact]
    public async Task PairLeftByAVanishedHost_IsCompletedByTheOutbox()
    {
        // The host that wrote the second half died before it could decide: its hook never returned.
        await using var dying = Another(options => options.OnLead = (_, _) => throw new OperationCanceledException());
        var click = await Host.ClickAsync();
        await dying.ClickSeenAsync("user_1", click.Id);
        await Assert.ThrowsAsync<OperationCanceledException>(() => dying.UserCreatedAsync("user_1"));
        Assert.Empty(await Host.LeadsAsync());

        Time.Advance(TimeSpan.FromMinutes(1));
        await Host.Outbox.RunOnceAsync(CancellationToken.None);

        await AssertOneLeadAsync("user_1", click, (await Host.SignUpAsync("user_1"))!);
    }

    [Fact]
    public async Task Customer_HasTheProfileOfTheAccount()
    {
        var click = await Host.ClickAsync();
        await Host.UserCreatedAsync("user_1", metadataClickId: click.Id);

        var customer = await Host.Conversions.FindCustomerAsync("user_1");

        Assert.StartsWith("cus_", customer!.Id, StringComparison.Ordinal);
        Assert.Equal(("Ada Byron", "ada@example.org"), (customer.Name, customer.Email));
    }

    [Fact]
    public async Task SameSignUpsFromManyTasksOnTwoHosts_AreOneLeadEach()
    {
        const int users = 60;
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var connection = await Store.ConnectAsync();
        await using var other = new TestHost(connection, Time);
        var clicks = await Task.WhenAll(Enumerable.Range(0, users).Select(_ => Host.ClickAsync()));

        // Both halves of everybody, each five times, in any order, on either host.
        var calls = Enumerable.Range(0, users).SelectMany(user => Enumerable.Range(0, 10).Select(copy => (user, copy))).ToArray();
        random.Shuffle(calls);
        await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (call, _) =>
        {
            var host = call.copy % 4 < 2 ? Host : other;
            await (call.copy % 2 == 0 ? host.UserCreatedAsync($"user_{call.user}") : host.ClickSeenAsync($"user_{call.user}", clicks[call.user].Id));
        });

        var leads = await Host.LeadsAsync();
        Assert.Equal(users, leads.Count);
        Assert.Equal(
            Enumerable.Range(0, users).Select(user => ($"user_{user}", clicks[user].Id)).Order(),
            leads.Select(lead => (lead.CustomerExternalId, lead.Click.Id)).Order());
        Assert.Equal(users, (await Host.Get<LinkStore>().CountAsync("link_1")).Leads);
        Assert.Equal(0, await OutboxDepthAsync());
    }

    [Fact]
    public async Task ReadThenWriteScripts_LoseNoUpdateUnderContention()
    {
        // The change that a server without script atomicity loses: read a number, write it back larger, from many connections at once.
        const int writers = 16;
        const int each = 200;
        const string script = "local n = tonumber(redis.call('GET', KEYS[1]) or '0'); redis.call('SET', KEYS[1], n + 1); return n + 1";
        var connections = await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Store.ConnectAsync()));

        await Task.WhenAll(connections.Select(connection => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                await connection.GetDatabase().ScriptEvaluateAsync(script, ["race"]);
            }
        })));

        Assert.Equal(writers * each, (int)await Store.Connection.GetDatabase().StringGetAsync("race"));
        await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
    }

    [Theory]
    [InlineData("version", 99, "newer version")]
    [InlineData("partitions", 7, "7 partitions")]
    public async Task StoreOfAnotherFormat_IsRefusedWithTheReason(string field, int value, string said)
    {
        await Host.UserCreatedAsync("user_1");
        await Store.Connection.GetDatabase().HashSetAsync("dub:meta", field, value);
        await using var newcomer = Another(_ => { });

        var fault = await Assert.ThrowsAsync<StoreFormatException>(() => newcomer.UserCreatedAsync("user_2"));

        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Another host on the same store.</summary>
    private TestHost Another(Action<DubClerkOptions> configure) => new(Store.Connection, Time, configure: configure);

    private async Task<(SignUpState State, NoLeadReason Reason)> StateAsync(string userId)
    {
        var signUp = await Host.SignUpAsync(userId);
        return (signUp!.State, signUp.Reason);
    }

    private async Task AssertOneLeadAsync(string userId, Click click, SignUpStatus signUp)
    {
        Assert.Equal((SignUpState.Tracked, NoLeadReason.None, click.Id), (signUp.State, signUp.Reason, signUp.ClickId));
        var lead = Assert.Single(await Host.LeadsAsync());
        Assert.Equal((signUp.LeadId, userId, click.Id), (lead.Id, lead.CustomerExternalId, lead.Click.Id));
        Assert.Equal(0, await OutboxDepthAsync());
    }

    private async Task AssertNoLeadAsync(NoLeadReason expected, SignUpStatus signUp)
    {
        Assert.Equal((SignUpState.NotAttributed, expected), (signUp.State, signUp.Reason));
        Assert.Empty(await Host.LeadsAsync());
        Assert.Equal(0, await OutboxDepthAsync());
    }

    private async Task<long> OutboxDepthAsync()
    {
        var keys = Host.Get<StoreConnection>().Keys;
        var database = Store.Connection.GetDatabase();
        var depths = await Task.WhenAll(Enumerable.Range(0, StoreKeys.Partitions).Select(async partition =>
            await database.SortedSetLengthAsync(keys.Outbox(OutboxDestination.Local, partition).Lanes)
                + await database.SortedSetLengthAsync(keys.Outbox(OutboxDestination.Local, partition).Since)
                + await database.HashLengthAsync(keys.Outbox(OutboxDestination.Local, partition).Items)));
        return depths.Sum();
    }
}

/// <summary>On the embedded store.</summary>
public sealed class SignUpsOnGarnet() : SignUpContract(StoreKind.Garnet);

/// <summary>On a real redis-server.</summary>
public sealed class SignUpsOnRedis() : SignUpContract(StoreKind.Redis);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class SignUpsOnCluster() : SignUpContract(StoreKind.Cluster);
