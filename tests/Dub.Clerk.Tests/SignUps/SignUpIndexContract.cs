using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.SignUps;

/// <summary>Every sign-up is counted and listed in one place, which is what is said of it, whatever store it is on.</summary>
public abstract class SignUpIndexContract(StoreKind kind) : HostContract(kind)
{
    private static readonly DateTimeOffset End = TestHost.Start.AddDays(60);

    [Fact]
    public async Task Webhook_IsASignUpWithoutAClick()
    {
        await Host.UserCreatedAsync("user_1", createdAt: TestHost.Start.AddMinutes(-3));

        await AssertPlaceAsync("user_1", NoLeadReason.NoClick, TestHost.Start.AddMinutes(-3));
    }

    [Fact]
    public async Task ClickWithoutAWebhook_WaitsForItAtTheTimeItWasSeen()
    {
        await Host.ClickSeenAsync("user_1", (await Host.ClickAsync()).Id);

        await AssertPlaceAsync("user_1", NoLeadReason.AwaitingWebhook, TestHost.Start);
    }

    [Fact]
    public async Task PairInEitherOrder_IsALeadAtTheTimeOfTheAccount()
    {
        var (one, two) = (await Host.ClickAsync(), await Host.ClickAsync());
        var createdAt = TestHost.Start.AddMinutes(-1);
        await Host.ClickSeenAsync("user_1", one.Id);
        await Host.UserCreatedAsync("user_1", createdAt);
        await Host.UserCreatedAsync("user_2", createdAt);
        await Host.ClickSeenAsync("user_2", two.Id);

        Assert.Equal([("user_2", createdAt), ("user_1", createdAt)], await ListAsync(NoLeadReason.None));
        Assert.Equal(2, (await CountAsync()).Values.Sum());
    }

    [Theory]
    [InlineData(25 * 60, NoLeadReason.ExistingUser)]
    [InlineData(10, NoLeadReason.ClickAfterSignUp)]
    public async Task ClickAtAnotherTimeThanTheAccount_IsCountedUnderItsReason(int minutesAfter, NoLeadReason expected)
    {
        await Host.UserCreatedAsync("user_1");
        Time.Advance(TimeSpan.FromMinutes(minutesAfter));
        await Host.ClickSeenAsync("user_1", (await Host.ClickAsync()).Id);

        await AssertPlaceAsync("user_1", expected, TestHost.Start);
    }

    [Fact]
    public async Task ClickThatIsTooOldOrUnknown_IsCountedUnderItsReason()
    {
        await Host.UserCreatedAsync("user_1", metadataClickId: (await Host.ClickAsync(TestHost.Start.AddDays(-91))).Id);
        await AssertPlaceAsync("user_1", NoLeadReason.OutsideWindow, TestHost.Start);

        await Host.UserCreatedAsync("user_2", metadataClickId: "AAAAAAAAAAAAAAAA");
        Assert.Equal([("user_2", TestHost.Start)], await ListAsync(NoLeadReason.UnknownClick));
    }

    [Fact]
    public async Task WhatIsNoClick_IsTheReasonOnceTheAccountIsKnown()
    {
        await Host.NoClickSeenAsync("user_1", NoLeadReason.NoConsent);
        Assert.Equal(0, (await CountAsync()).Values.Sum());

        await Host.UserCreatedAsync("user_1");
        await AssertPlaceAsync("user_1", NoLeadReason.NoConsent, TestHost.Start);
        await Host.NoClickSeenAsync("user_1", NoLeadReason.InvalidClickId);
        await AssertPlaceAsync("user_1", NoLeadReason.InvalidClickId, TestHost.Start);
        await Host.ClickSeenAsync("user_1", (await Host.ClickAsync()).Id);
        await AssertPlaceAsync("user_1", NoLeadReason.None, TestHost.Start);
    }

    [Fact]
    public async Task JunkInTheMetadata_IsTheReasonUntilAClickComes()
    {
        await Host.UserCreatedAsync("user_1", metadataClickId: "test");
        await AssertPlaceAsync("user_1", NoLeadReason.InvalidClickId, TestHost.Start);

        await Host.ClickSeenAsync("user_1", (await Host.ClickAsync()).Id);

        await AssertPlaceAsync("user_1", NoLeadReason.None, TestHost.Start);
    }

    [Fact]
    public async Task RefusedByTheApp_IsTheReason()
    {
        await using var refusing = new TestHost(Store.Connection, Time, configure: options => options.OnLead = (lead, _) =>
        {
            lead.Refuse("staff account");
            return ValueTask.CompletedTask;
        });
        await refusing.UserCreatedAsync("user_1", metadataClickId: (await Host.ClickAsync()).Id);

        await AssertPlaceAsync("user_1", NoLeadReason.RefusedByApp, TestHost.Start);
    }

    [Fact]
    public async Task DecisionThatFails_IsStillBeingMade()
    {
        await using var failing = new TestHost(Store.Connection, Time, configure: options => options.OnLead = (_, _) => throw new InvalidOperationException("no"));
        var click = await Host.ClickAsync();
        await failing.UserCreatedAsync("user_1");
        await AssertPlaceAsync("user_1", NoLeadReason.NoClick, TestHost.Start);
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing.ClickSeenAsync("user_1", click.Id));

        await AssertPlaceAsync("user_1", NoLeadReason.Deciding, TestHost.Start);
    }

    [Fact]
    public async Task ClickThatDubIsAskedAbout_IsBeingProvedUntilItAnswers()
    {
        await using var asking = new TestHost(Store.Connection, Time, configure: options => options.DubApiKey = "dub_key");
        await asking.UserCreatedAsync("user_1", metadataClickId: "AAAAAAAAAAAAAAAA");
        await AssertPlaceAsync("user_1", NoLeadReason.ProvingClick, TestHost.Start);

        await asking.SignUps.DisprovedAsync("user_1", "AAAAAAAAAAAAAAAA", CancellationToken.None);

        await AssertPlaceAsync("user_1", NoLeadReason.UnknownClick, TestHost.Start);
    }

    [Fact]
    public async Task HalfThatHasExpired_IsCountedNoLonger()
    {
        await Host.ClickSeenAsync("user_1", (await Host.ClickAsync()).Id);
        Time.Advance(SignUpJoin.HalfRetention);

        Assert.Equal(0, (await CountAsync()).Values.Sum());
        Assert.Empty(await ListAsync(NoLeadReason.AwaitingWebhook));
    }

    [Fact]
    public async Task ExpiredHalves_LeaveTheIndexWithTheNextThatComes()
    {
        var inOnePartition = Enumerable.Range(0, 10_000).Select(i => $"user_{i}").Where(user => StoreKeys.PartitionOf(user) == 7).Take(3).ToList();
        await Host.ClickSeenAsync(inOnePartition[0], (await Host.ClickAsync()).Id);
        await Host.UserCreatedAsync(inOnePartition[1]);
        Time.Advance(SignUpJoin.HalfRetention);
        await Host.ClickSeenAsync(inOnePartition[2], (await Host.ClickAsync()).Id);

        var left = await Store.Connection.GetDatabase().SortedSetRangeByRankAsync(Host.Get<StoreConnection>().Keys.SignUpIndex(7));

        Assert.Equal(inOnePartition.Skip(1).Order(), left.Select(user => (string)user!).Order());
    }

    [Fact]
    public async Task Periods_BeginWithTheirFirstMomentAndEndBeforeTheirLast()
    {
        await Host.UserCreatedAsync("user_1");
        var ms = TimeSpan.FromMilliseconds(1);
        var index = Host.Get<SignUpIndex>();

        Assert.Equal(1, await index.CountAsync(NoLeadReason.NoClick, TestHost.Start, TestHost.Start + ms));
        Assert.Equal(0, await index.CountAsync(NoLeadReason.NoClick, TestHost.Start - ms, TestHost.Start));
        Assert.Equal(0, await index.CountAsync(NoLeadReason.NoClick, TestHost.Start + ms, End));
        Assert.Equal(0, await index.CountAsync(NoLeadReason.NoClick, End, TestHost.Start));
        Assert.Equal(1, (await index.CountAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue)).Values.Sum());
    }

    [Fact]
    public async Task Pages_ListEverybodyOnceAndNewestFirst()
    {
        // Many at the same time, in one partition too, so that a page ends among them.
        foreach (var user in Enumerable.Range(0, 150))
        {
            await Host.UserCreatedAsync($"user_{user}", createdAt: TestHost.Start.AddSeconds(user / 100));
        }

        var index = Host.Get<SignUpIndex>();
        var (read, pages) = (new List<IndexedSignUp>(), 0);
        while (await index.ListAsync(NoLeadReason.NoClick, TestHost.Start, End, read.LastOrDefault(), 7) is { Count: > 0 } page)
        {
            read.AddRange(page);
            pages++;
        }

        Assert.Equal(22, pages);
        Assert.Equal(150, read.Select(one => one.UserId).Distinct().Count());
        Assert.Equal(read.Order(IndexedSignUp.NewestFirst), read);
    }

    private async Task AssertPlaceAsync(string userId, NoLeadReason expected, DateTimeOffset at)
    {
        Assert.Equal([(userId, at)], await ListAsync(expected));
        Assert.Equal([expected], (await CountAsync()).Where(count => count.Value > 0).Select(count => count.Key));
        Assert.Equal(expected, (await Host.SignUpAsync(userId))!.Reason);
    }

    private Task<IReadOnlyDictionary<NoLeadReason, long>> CountAsync() => Host.Get<SignUpIndex>().CountAsync(TestHost.Start.AddDays(-1), End);

    private async Task<IReadOnlyList<(string UserId, DateTimeOffset At)>> ListAsync(NoLeadReason place)
        => [.. (await Host.Get<SignUpIndex>().ListAsync(place, TestHost.Start.AddDays(-1), End, null, 100)).Select(one => (one.UserId, one.At))];
}

/// <summary>On the embedded store.</summary>
public sealed class SignUpIndexOnGarnet() : SignUpIndexContract(StoreKind.Garnet);

/// <summary>On a real redis-server.</summary>
public sealed class SignUpIndexOnRedis() : SignUpIndexContract(StoreKind.Redis);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class SignUpIndexOnCluster() : SignUpIndexContract(StoreKind.Cluster);
