using Dub.Clerk.Store;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using StackExchange.Redis;

namespace Dub.Clerk.Tests.Store;

/// <summary>What is acknowledged is where the setting says.</summary>
public sealed class ReplicatedWritesTests : IAsyncLifetime
{
    private ReplicatedRedis _redis = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        _redis = await ReplicatedRedis.StartAsync();
    }

    public ValueTask DisposeAsync() => _redis?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task ReplicaThatHangs_MakesAWebhookFailSoonAndIsMadeUpForWhenItGoesOn()
    {
        await using var app = await StartAsync(replicas: 1);
        await AcceptedAsync(app, "user_1");

        _redis.Replica.Pause();
        var refused = await DeliverAsync(app, "user_2");
        _redis.Replica.Resume();

        Assert.Equal(503, refused.Status);
        Assert.NotNull(refused.RetryAfter);
        await AcceptedAsync(app, "user_2");
    }

    [Fact]
    public async Task RepeatThatFindsItsWorkDone_IsNotAcknowledgedBeforeAReplicaHasIt()
    {
        await using var app = await StartAsync(replicas: 1);
        await using var other = await StartAsync(replicas: 1);
        await AcceptedAsync(app, "user_1");
        await AcceptedAsync(other, "user_2");

        _redis.Replica.Pause();
        var first = await DeliverAsync(app, "user_3");
        var repeat = await DeliverAsync(other, "user_3");
        _redis.Replica.Resume();

        Assert.Equal((503, 503), (first.Status, repeat.Status));
        await AcceptedAsync(other, "user_3");
    }

    [Fact]
    public async Task WithoutTheSetting_NoReplicaIsWaitedFor()
    {
        await using var app = await StartAsync(replicas: 0);
        _redis.Replica.Pause();

        await AcceptedAsync(app, "user_1");
        _redis.Replica.Resume();
    }

    [Fact]
    public async Task MoreReplicasThanThereAre_AcknowledgeNothing()
    {
        await using var app = await StartAsync(replicas: 2);

        Assert.Equal(503, (await DeliverAsync(app, "user_1")).Status);
    }

    [Fact]
    public async Task ConnectionThatIsCutWhileReplicasAreWaitedFor_AcknowledgesNothing()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConfigurationOptions);
        var writes = new ReplicatedWrites(connection, 1);
        await SetAsync(writes, "a", "1");
        _redis.Replica.Pause();
        var waiting = writes.RunAsync("a", "SET", ["a", "2"]);
        await Poll.UntilAsync(async () => await _redis.Master.SayAsync("GET a") == "2", "the master has the write");

        await _redis.Master.SayAsync("CLIENT KILL TYPE normal SKIPME yes");

        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
        _redis.Replica.Resume();
        await SetAsync(writes, "a", "3");
    }

    [Fact]
    public async Task WriteOverAnotherConnectionThanTheWait_IsNotAcknowledged()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConfigurationOptions);
        var writes = new ReplicatedWrites(connection, 1);

        // As if the client had connected again in between: the connection has another name than its group gave it.
        await Assert.ThrowsAsync<StoreException>(() => writes.RunAsync("a", "CLIENT", ["SETNAME", "another"]));

        await SetAsync(writes, "a", "1");
        Assert.Equal("1", await _redis.Replica.SayAsync("GET a"));
    }

    [Fact]
    public async Task ManyWritesAtOnce_ShareFewWaits()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConfigurationOptions);
        var writes = new ReplicatedWrites(connection, 1);

        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(() => SetAsync(writes, $"k{i}", "x"), Cancellation)));

        var waits = (await _redis.Master.SayAsync("INFO commandstats")).Split('\n').Single(line => line.StartsWith("cmdstat_wait:", StringComparison.Ordinal));
        var calls = int.Parse(waits.Split("calls=")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(calls, 1, 1000);
        Assert.Equal("2000", await _redis.Replica.SayAsync("DBSIZE"));
    }

    [Fact]
    public async Task RefusedCommand_FailsAloneAndSaysWhy()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConfigurationOptions);
        var writes = new ReplicatedWrites(connection, 1);
        await SetAsync(writes, "text", "x");

        // Together, until the replica was in time for both.
        await Poll.UntilAsync(
            async () =>
            {
                var refused = writes.RunAsync("text", "RPUSH", ["text", "y"]);
                var accepted = writes.RunAsync("other", "SET", ["other", "z"]);
                var fault = await Assert.ThrowsAnyAsync<Exception>(() => refused);
                return await SucceedsAsync(accepted) && fault is RedisServerException { Message: var said } && said.Contains("WRONGTYPE", StringComparison.Ordinal);
            },
            "one is accepted, and the other refused for what it is");
    }

    /// <summary>A replica has a second, which a busy machine may not give it at once.</summary>
    private static Task SetAsync(ReplicatedWrites writes, string key, string value)
        => Poll.UntilAsync(() => SucceedsAsync(writes.RunAsync(key, "SET", [key, value])), "the write is acknowledged");

    private static async Task<bool> SucceedsAsync(Task write)
    {
        try
        {
            await write;
            return true;
        }
        catch (Exception e) when (e is StoreException || StoreException.IsStoreFault(e))
        {
            return false;
        }
    }

    private static Task AcceptedAsync(TestApp app, string userId) => Poll.UntilAsync(async () => (await DeliverAsync(app, userId)).Status == 200, "the delivery is accepted");

    private Task<TestApp> StartAsync(int replicas) => TestApp.StartAsync(null, pipeline: web => web.MapClerkWebhooks(), settings: new Dictionary<string, string?>
    {
        ["ConnectionStrings:Redis"] = _redis.ConnectionString,
        ["DubClerk:ReplicasPerWrite"] = replicas.ToString(System.Globalization.CultureInfo.InvariantCulture),
    });

    private static Task<TestResponse> DeliverAsync(TestApp app, string userId) => app.DeliverAsync(app.Clerk.UserCreated(userId, app.Time.GetUtcNow()));
}
