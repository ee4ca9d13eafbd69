using System.Globalization;
using Dub.Clerk.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Tests.Embedded;

/// <summary>What the store's scripts rely on. Garnet is not Redis: each of these is checked rather than believed.</summary>
public sealed class ScriptTests : IAsyncLifetime
{
    private GarnetFixture _fixture = null!;

    private IDatabase Database => _fixture.Database;

    public async ValueTask InitializeAsync() => _fixture = await GarnetFixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    /// <summary>The race that Garnet loses outside transaction mode: 8 to 20 % of the increments.</summary>
    [Fact]
    public async Task ReadThenWriteByManyClients_LosesNoUpdate()
    {
        const int Clients = 16;
        const int Each = 200;
        var connections = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => _fixture.ConnectAsync()));

        await Task.WhenAll(connections.Select(async connection =>
        {
            for (var i = 0; i < Each; i++)
            {
                await connection.GetDatabase().ScriptEvaluateAsync(
                    "local n = tonumber(redis.call('GET', KEYS[1]) or '0'); redis.call('SET', KEYS[1], n + 1); return n + 1", ["counter"]);
            }
        }));

        Assert.Equal(Clients * Each, (int)await Database.StringGetAsync("counter"));
        await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task ErrorInAScript_LeavesWhatWasWrittenBefore()
    {
        await Assert.ThrowsAsync<RedisServerException>(() => Database.ScriptEvaluateAsync(
            "redis.call('HSET', KEYS[1], 'a', '1'); error('no')", ["hash"]));

        Assert.Equal("1", await Database.HashGetAsync("hash", "a"));
    }

    [Fact]
    public async Task Hashes_InAScript()
    {
        var result = (RedisResult[])(await Database.ScriptEvaluateAsync(
            """
            local first = redis.call('HSETNX', KEYS[1], 'a', '1')
            local second = redis.call('HSETNX', KEYS[1], 'a', '2')
            redis.call('HSET', KEYS[1], 'b', 'x', 'c', 'y')
            local n = redis.call('HINCRBY', KEYS[1], 'n', 5)
            local values = redis.call('HMGET', KEYS[1], 'a', 'b', 'missing', 'c')
            return {first, second, n, values[1], values[2], values[3], values[4], redis.call('HEXISTS', KEYS[1], 'b'), redis.call('HLEN', KEYS[1])}
            """,
            ["hash"]))!;

        Assert.Equal(["1", "0", "5", "1", "x", null, "y", "1", "4"], result.Select(item => (string?)item));
    }

    [Fact]
    public async Task SortedSets_InAScript()
    {
        var result = (RedisResult[])(await Database.ScriptEvaluateAsync(
            """
            redis.call('ZADD', KEYS[1], 1, 'a', 2, 'b', 3, 'c')
            local nx = redis.call('ZADD', KEYS[1], 'NX', 9, 'a')
            redis.call('ZADD', KEYS[1], 'GT', 1, 'c')
            redis.call('ZADD', KEYS[1], 'GT', 7, 'b')
            local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '5', 'LIMIT', 0, 1)
            local scored = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '+inf', 'WITHSCORES')
            local newest = redis.call('ZRANGE', KEYS[1], '+inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1)
            local removed = redis.call('ZREM', KEYS[1], 'a')
            return {nx, due[1], scored[1], scored[2], scored[5], scored[6], newest[1], removed, redis.call('ZCARD', KEYS[1]), redis.call('ZSCORE', KEYS[1], 'c')}
            """,
            ["zset"]))!;

        Assert.Equal(["0", "a", "a", "1", "b", "7", "b", "1", "2", "3"], result.Select(item => (string?)item));
    }

    [Fact]
    public async Task UnixMillisecondScores_StayExact()
    {
        const string Now = "1795123456789";

        var score = (string?)await Database.ScriptEvaluateAsync(
            "redis.call('ZADD', KEYS[1], ARGV[1], 'm'); return redis.call('ZSCORE', KEYS[1], 'm')", ["zset"], [Now]);
        var later = (string?)await Database.ScriptEvaluateAsync(
            "redis.call('ZADD', KEYS[1], tonumber(ARGV[1]) + 60000, 'n'); return redis.call('ZSCORE', KEYS[1], 'n')", ["zset"], [Now]);

        Assert.Equal(Now, score);
        Assert.Equal("1795123516789", later);
    }

    [Fact]
    public async Task StringsAndExpiry_InAScript()
    {
        var result = (RedisResult[])(await Database.ScriptEvaluateAsync(
            """
            local set = redis.call('SET', KEYS[1], 'a', 'NX', 'EX', 100)
            local again = redis.call('SET', KEYS[1], 'b', 'NX', 'EX', 100)
            redis.call('SET', KEYS[2], 'a', 'PX', 50000)
            redis.call('HSET', KEYS[3], 'a', '1')
            redis.call('PEXPIRE', KEYS[3], 60000)
            redis.call('ZADD', KEYS[4], 1, 'a')
            redis.call('EXPIREAT', KEYS[4], ARGV[1])
            redis.call('SET', KEYS[5], 'gone')
            local deleted = redis.call('DEL', KEYS[5], KEYS[6])
            return {set.ok or 'no', again == false and 'nil' or 'set', deleted, redis.call('EXISTS', KEYS[1]), redis.call('TTL', KEYS[1])}
            """,
            ["s1", "s2", "hash", "zset", "s3", "missing"],
            [DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()]))!;

        Assert.Equal(["OK", "nil", "1", "1"], result.Take(4).Select(item => (string?)item));
        Assert.InRange((int)result[4], 98, 100);
        Assert.InRange((await Database.KeyTimeToLiveAsync("s2"))!.Value.TotalSeconds, 45, 50);
        Assert.InRange((await Database.KeyTimeToLiveAsync("hash"))!.Value.TotalSeconds, 55, 60);
        Assert.InRange((await Database.KeyTimeToLiveAsync("zset"))!.Value.TotalMinutes, 59, 60);
    }

    [Fact]
    public async Task Json_GoesThroughUnchanged()
    {
        const string Text = """{"id":"user_1","count":3,"name":"Zoë \"Q\"","tags":["a","b"],"none":null}""";

        var result = (RedisResult[])(await Database.ScriptEvaluateAsync(
            """
            local v = cjson.decode(ARGV[1])
            return {v.id, v.count, v.name, v.tags[2], v.none == cjson.null and 'null' or 'other', cjson.encode({a = 1}), cjson.encode({'x', 'y'})}
            """,
            ["any"],
            [Text]))!;

        Assert.Equal(["user_1", "3", "Zoë \"Q\"", "b", "null", """{"a":1}""", """["x","y"]"""], result.Select(item => (string?)item));
    }

    [Fact]
    public async Task ReturnValues_AreThoseOfRedis()
    {
        Assert.True((await Database.ScriptEvaluateAsync("return nil", ["k"])).IsNull);
        Assert.True((await Database.ScriptEvaluateAsync("return false", ["k"])).IsNull);
        Assert.Equal(3, (int)await Database.ScriptEvaluateAsync("return 3.9", ["k"]));
        Assert.Equal("OK", (string?)await Database.ScriptEvaluateAsync("return redis.status_reply('OK')", ["k"]));
        Assert.Empty((RedisResult[])(await Database.ScriptEvaluateAsync("return {}", ["k"]))!);
        var error = await Assert.ThrowsAsync<RedisServerException>(() => Database.ScriptEvaluateAsync("return redis.error_reply('MINE no')", ["k"]));

        // Redis says "MINE no"; Garnet puts ERR before it. So a script's outcomes are values, not error codes.
        Assert.Equal("ERR MINE no", error.Message);
    }

    [Fact]
    public async Task WrongType_CanBeCaught()
    {
        await Database.StringSetAsync("string", "a");

        var result = (string?)await Database.ScriptEvaluateAsync(
            "local r = redis.pcall('HGET', KEYS[1], 'a'); return r.err and 'caught' or 'not'", ["string"]);

        Assert.Equal("caught", result);
    }

    [Fact]
    public async Task LoadedScripts_RunAgainAfterARestart()
    {
        const string Script = "return redis.call('HINCRBY', KEYS[1], 'n', 1)";
        Assert.Equal(1, (int)await Database.ScriptEvaluateAsync(Script, ["hash"]));

        await _fixture.RestartAsync();

        var error = await Record.ExceptionAsync(() => Database.ExecuteAsync("EVALSHA", new string('0', 40), "0"));
        Assert.StartsWith("NOSCRIPT", Assert.IsType<RedisServerException>(error).Message, StringComparison.Ordinal);
        Assert.Equal(2, (int)await Database.ScriptEvaluateAsync(Script, ["hash"]));
    }

    [Fact]
    public async Task SameConnectionAfterScriptsAreGone_RunsThemAll()
    {
        const string Script = "return redis.call('HINCRBY', KEYS[1], 'n', 1)";
        await Database.ScriptEvaluateAsync(Script, ["hash"]);
        await Database.ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Equal(2, (int)await Database.ScriptEvaluateAsync(Script, ["hash"]));
    }

    [Fact]
    public async Task PublishedMessages_Arrive()
    {
        var received = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var channel = RedisChannel.Literal("events");
        await using var publisher = await _fixture.ConnectAsync();
        await _fixture.Connection.GetSubscriber().SubscribeAsync(channel, (_, message) => received.TrySetResult(message));

        await publisher.GetSubscriber().PublishAsync(channel, "hello");

        Assert.Equal("hello", await received.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task PublishingFromScriptsToBusySubscribers_DoesNotStall()
    {
        const int Messages = 200;
        var channel = RedisChannel.Literal("events");
        var received = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _fixture.Connection.GetSubscriber().SubscribeAsync(channel, (_, _) =>
        {
            if (Interlocked.Increment(ref received) == Messages)
            {
                all.SetResult();
            }
        });

        await Task.WhenAll(Enumerable.Range(0, Messages).Select(i => Database.ScriptEvaluateAsync(
            "redis.call('HSET', KEYS[1], 'i', ARGV[1]); return redis.call('PUBLISH', 'events', ARGV[1])",
            [i.ToString(CultureInfo.InvariantCulture)],
            [i])));

        await all.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task LargeAnswersByManyClients_AllArrive()
    {
        await Database.StringSetAsync("big", new string('x', 300_000));
        var connections = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _fixture.ConnectAsync()));

        var answers = await Task.WhenAll(connections.SelectMany(connection => Enumerable.Range(0, 10).Select(async i => (string?)await connection.GetDatabase()
            .ScriptEvaluateAsync("redis.call('HSET', KEYS[2], 'i', ARGV[1]); return redis.call('GET', KEYS[1])", ["big", "hash"], [i]))));

        Assert.All(answers, answer => Assert.Equal(300_000, answer!.Length));
        await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
    }
}
