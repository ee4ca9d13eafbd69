using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Tests.SignUps;

/// <summary>Every sign-up is counted and listed in one place, which is what is said of it, whatever store it is on.</summary>
public abstract class SignUpIndexContract(StoreKind kind) : IAsyncLifetime
{
    private static readonly DateTimeOffset End = TestHost.Start.AddDays(60);

    private readonly FakeTimeProvider _time = new(TestHost.Start);
    private TestStore _store = null!;
    private TestHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(TestStore.MissingReason(kind) is not null, TestStore.MissingReason(kind) ?? string.Empty);
        _store = await TestStore.StartAsync(kind);
        _host = new TestHost(_store.Connection, _time);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
            await _store.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Webhook_IsASignUpWithoutAClick()
    {
        await _host.UserCreatedAsync("user_1", createdAt: TestHost.Start.AddMinutes(-3));

        await AssertPlaceAsync("user_1", NoLeadReason.NoClick, TestHost.Start.AddMinutes(-3));
    }

    [Fact]
    public async Task ClickWithoutAWebhook_WaitsForItAtTheTimeItWasSeen()
    {
        await _host.ClickSeenAsync("user_1", (await _host.ClickAsync()).Id);

        await AssertPlaceAsync("user_1", NoLeadReason.AwaitingWebhook, TestHost.Start);
    }

    [Fact]
    public async Task PairInEitherOrder_IsALeadAtTheTimeOfTheAccount()
    {
        var (one, two) = (await _host.ClickAsync(), await _host.ClickAsync());
        var createdAt = TestHost.Start.AddMinutes(-1);
        await _host.ClickSeenAsync("user_1", one.Id);
        await _host.UserCreatedAsync("user_1", createdAt);
        await _host.UserCreatedAsync("user_2", createdAt);
        await _host.ClickSeenAsync("user_2", two.Id);

        Assert.Equal([("user_2", createdAt), ("user_1", createdAt)], await ListAsync(NoLeadReason.None));
        Assert.Equal(2, (await CountAsync()).Values.Sum());
    }

    [Theory]
    [InlineData(25 * 60, NoLeadReason.ExistingUser)]
    [InlineData(10, NoLeadReason.ClickAfterSignUp)]
    public async Task ClickAtAnotherTimeThanTheAccount_IsCountedUnderItsReason(int minutesAfter, NoLeadReason expected)
    {
        await _host.UserCreatedAsync("user_1");
        _time.Advance(TimeSpan.FromMinutes(minutesAfter));
        await _host.ClickSeenAsync("user_1", (await _host.ClickAsync()).Id);

        await AssertPlaceAsync("user_1", expected, TestHost.Start);
    }

    [Fact]
    public async Task ClickThatIsTooOldOrUnknown_IsCountedUnderItsReason()
    {
        await _host.UserCreatedAsync("user_1", metadataClickId: (await _host.ClickAsync(TestHost.Start.AddDays(-91))).Id);
        await AssertPlaceAsync("user_1", NoLeadReason.OutsideWindow, TestHost.Start);

        await _host.UserCreatedAsync("user_2", metadataClickId: "AAAAAAAAAAAAAAAA");
        Assert.Equal([("user_2", TestHost.Start)], await ListAsync(NoLeadReason.UnknownClick));
    }

    [Fact]
    public async Task WhatIsNoClick_IsTheReasonOnceTheAccountIsKnown()
    {
        await _host.NoClickSeenAsync("user_1", NoLeadReason.NoConsent);
        Assert.Equal(0, (await CountAsync()).Values.Sum());

        await _host.UserCreatedAsync("user_1");
        await AssertPlaceAsync("user_1", NoLeadReason.NoConsent, TestHost.Start);
        await _host.NoClickSeenAsync("user_1", NoLeadReason.InvalidClickId);
        await AssertPlaceAsync("user_1", NoLeadReason.InvalidClickId, TestHost.Start);
        await _host.ClickSeenAsync("user_1", (await _host.ClickAsync()).Id);
        await AssertPlaceAsync("user_1", NoLeadReason.None, TestHost.Start);
    }

    [Fact]
    public async Task JunkInTheMetadata_IsTheReasonUntilAClickComes()
    {
        await _host.UserCreatedAsync("user_1", metadataClickId: "test");
        await AssertPlaceAsync("user_1", NoLeadReason.InvalidClickId, TestHost.Start);

        await _host.ClickSeenAsync("user_1", (await _host.ClickAsync()).Id);

        await AssertPlaceAsync("user_1", NoLeadReason.None, TestHost.Start);
    }

    [Fact]
    public async Task RefusedByTheApp_IsTheReason()
    {
        await using var refusing = new TestHost(_store.Connection, _time, configure: options => options.OnLead = (lead, _) =>
        {
            lead.Refuse("staff account");
            return ValueTask.CompletedTask;
        });
        await refusing.UserCreatedAsync("user_1", metadataClickId: (await _host.ClickAsync()).Id);

        await AssertPlaceAsync("user_1", NoLeadReason.RefusedByApp, TestHost.Start);
    }

    [Fact]
    public async Task DecisionThatFails_IsStillBeingMade()
    {
        await using var failing = new TestHost(_store.Connection, _time, configure: options => options.OnLead = (_, _) => throw new InvalidOperationException("no"));
        var click = await _host.ClickAsync();
        await failing.UserCreatedAsync("user_1");
        await AssertPlaceAsync("user_1", NoLeadReason.NoClick, TestHost.Start);
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing.ClickSeenAsync("user_1", click.Id));

        await AssertPlaceAsync("user_1", NoLeadReason.Deciding, TestHost.Start);
    }

    [Fact]
    public async Task ClickThatDubIsAskedAbout_IsBeingProvedUntilItAnswers()
    {
        await using var asking = new TestHost(_store.Connection, _time, configure: options => options.DubApiKey = "dub_key");
        await asking.UserCreatedAsync("user_1", metadataClickId: "AAAAAAAAAAAAAAAA");
        await AssertPlaceAsync("user_1", NoLeadReason.ProvingClick, TestHost.Start);

        await asking.SignUps.DisprovedAsync("user_1", "AAAAAAAAAAAAAAAA", CancellationToken.None);

        await AssertPlaceAsync("user_1", NoLeadReason.UnknownClick, TestHost.Start);
    }

    [Fact]
    public async Task HalfThatHasExpired_IsCountedNoLonger()
    {
        await _host.ClickSeenAsync("user_1", (await _host.ClickAsync()).Id);
        _time.Advance(SignUpJoin.HalfRetention);

        Assert.Equal(0, (await CountAsync()).Values.Sum());
        Assert.Empty(await ListAsync(NoLeadReason.AwaitingWebhook));
    }

    [Fact]
    public async Task ExpiredHalves_LeaveTheIndexWithTheNextThatComes()
    {
        var inOnePartition = Enumerable.Range(0, 10_000).Select(i => $"user_{i}").Where(user => StoreKeys.PartitionOf(user) == 7).Take(3).ToList();
        await _host.ClickSeenAsync(inOnePartition[0], (await _host.ClickAsync()).Id);
        await _host.UserCreatedAsync(inOnePartition[1]);
        _time.Advance(SignUpJoin.HalfRetention);
        await _host.ClickSeenAsync(inOnePartition[2], (await _host.ClickAsync()).Id);

        var left = await _store.Connection.GetDatabase().SortedSetRangeByRankAsync(_host.Get<StoreConnection>().Keys.SignUpIndex(7));

        Assert.Equal(inOnePartition.Skip(1).Order(), left.Select(user => (string)user!).Order());
    }

    [Fact]
    public async Task Periods_BeginWithTheirFirstMomentAndEndBeforeTheirLast()
    {
        await _host.UserCreatedAsync("user_1");
        var ms = TimeSpan.FromMilliseconds(1);
        var index = _host.Get<SignUpIndex>();

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
            await _host.UserCreatedAsync($"user_{user}", createdAt: TestHost.Start.AddSeconds(user / 100));
        }

        var index = _host.Get<SignUpIndex>();
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
        Assert.Equal(expected, (await _host.SignUpAsync(userId))!.Reason);
    }

    private Task<IReadOnlyDictionary<NoLeadReason, long>> CountAsync() => _host.Get<SignUpIndex>().CountAsync(TestHost.Start.AddDays(-1), End);

    private async Task<IReadOnlyList<(string UserId, DateTimeOffset At)>> ListAsync(NoLeadReason place)
        => [.. (await _host.Get<SignUpIndex>().ListAsync(place, TestHost.Start.AddDays(-1), End, null, 100)).Select(one => (one.UserId, one.At))];
}

/// <summary>On the embedded store.</summary>
public sealed class SignUpIndexOnGarnet() : SignUpIndexContract(StoreKind.Garnet);

/// <summary>On a real redis-server.</summary>
public sealed class SignUpIndexOnRedis() : SignUpIndexContract(StoreKind.Redis);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class SignUpIndexOnCluster() : SignUpIndexContract(StoreKind.Cluster);
