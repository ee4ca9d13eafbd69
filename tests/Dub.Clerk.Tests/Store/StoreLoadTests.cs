using Dub.Clerk.Store;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Tests.Store;

/// <summary>A store that hangs: what is asked of it meanwhile is bounded, and refused soon.</summary>
public sealed class StoreLoadTests : IAsyncLifetime
{
    private RedisNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        _node = await RedisNode.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
    }

    [Fact]
    public async Task MoreCallsThanMayWait_AreRefusedAndTheOthersAreAnsweredInTheEnd()
    {
        const int more = 100;
        await using var connection = await ConnectAsync(TimeSpan.FromMinutes(1));
        await using var host = new TestHost(connection, TimeProvider.System);
        var store = host.Get<StoreConnection>();
        await PingAsync(store);
        _node.Pause();

        var calls = Enumerable.Range(0, StoreLoad.Most + more).Select(_ => PingAsync(store)).ToList();
        var refused = calls.Count(call => call.IsFaulted);
        _node.Resume();
        var results = await Task.WhenAll(calls.Select(async call => await Record.ExceptionAsync(() => call)));

        Assert.Equal(more, refused);
        Assert.Equal(more, results.Count(result => result is StoreOverloadedException));
        Assert.Equal(StoreLoad.Most, results.Count(result => result is null));
        await PingAsync(store);
    }

    [Fact]
    public async Task StoreThatAnswersNothing_IsNotAskedUntilItDoes()
    {
        await using var connection = await ConnectAsync(TimeSpan.FromSeconds(4));
        await using var host = new TestHost(connection, TimeProvider.System);
        var store = host.Get<StoreConnection>();
        _node.Pause();
        var first = PingAsync(store);

        await Poll.UntilAsync(() => PingAsync(store) is { IsFaulted: true, Exception.InnerException: StoreOverloadedException }, "what hangs is not asked");
        _node.Resume();
        await Record.ExceptionAsync(() => first);
        await Poll.UntilAsync(async () => await Record.ExceptionAsync(() => PingAsync(store)) is null, "it is asked again");
    }

    [Fact]
    public void ProcessThatStoodStill_SeesWhatWasAnsweredBeforeItTurnsAnybodyAway()
    {
        var time = new FakeTimeProvider();
        var load = new StoreLoad(TimeSpan.FromSeconds(2.5), time);
        load.Enter();
        time.Advance(TimeSpan.FromSeconds(10));
        load.Enter();
        load.Leave(isAnswered: true);
        load.Enter();

        // And one that hangs is asked no longer.
        time.Advance(TimeSpan.FromSeconds(2.6));
        load.Enter();
        time.Advance(TimeSpan.FromSeconds(0.2));
        load.Enter();
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Throws<StoreOverloadedException>(load.Enter);
        load.Leave(isAnswered: true);
        load.Enter();
    }

    private static Task<bool> PingAsync(StoreConnection store) => store.RunAsync(database => database.KeyExistsAsync(store.Keys.Probe));

    private async Task<IConnectionMultiplexer> ConnectAsync(TimeSpan timeout) => await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
    {
        EndPoints = { _node.Address },
        AsyncTimeout = (int)timeout.TotalMilliseconds,
        HeartbeatInterval = TimeSpan.FromMilliseconds(100),
        BacklogPolicy = BacklogPolicy.FailFast,
    });
}
