using Dub.Clerk.Host.Diagnostics;
using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Tests.Embedded;

/// <summary>What was deleted, replaced or has expired is in no file of the data folder after a rewrite, and everything else is.</summary>
public sealed class RewriteTests(ITestOutputHelper output)
{
    private const int Kept = 2_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatWasDeletedReplacedOrExpired_IsInNoFile_AndTheRestIsKept()
    {
        var time = new FakeTimeProvider();
        await using var fixture = await GarnetFixture.StartAsync(time: time);
        await KeptData.WriteAsync(fixture.Database, Kept);

        // Again on what a rewrite has left, and on what a start has read.
        for (var round = 0; round < 3; round++)
        {
            await MarkedData.WriteAsync(fixture.Database);
            Assert.NotEmpty(MarkedData.FilesIn(fixture.Folder));
            await MarkedData.DropAsync(fixture.Database);

            await RewriteAsync(fixture, time);

            Assert.Empty(MarkedData.FilesIn(fixture.Folder));
            await KeptData.CheckAsync(fixture.Database, Kept);
            await fixture.RestartAsync();
            Assert.Empty(MarkedData.FilesIn(fixture.Folder));
            await KeptData.CheckAsync(fixture.Database, Kept);
        }
    }

    [Fact]
    public async Task WhatIsOwedAtAStop_IsDoneBeforeIt()
    {
        await using var fixture = await GarnetFixture.StartAsync(time: new FakeTimeProvider());
        await MarkedData.WriteAsync(fixture.Database);
        await MarkedData.DropAsync(fixture.Database);
        await fixture.Store.ErasedAsync(Cancellation);
        Assert.True(RewriteOwed.In(fixture.Folder));

        await fixture.RestartAsync();

        Assert.False(RewriteOwed.In(fixture.Folder));
        Assert.Empty(MarkedData.FilesIn(fixture.Folder));
    }

    [Fact]
    public async Task NoRoomForACheckpoint_LosesNothing_AndIsTriedAgain()
    {
        var time = new FakeTimeProvider();
        using var log = new TestLog();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        await using var fixture = await GarnetFixture.StartAsync(loggers, time);
        await KeptData.WriteAsync(fixture.Database, Kept);
        await MarkedData.WriteAsync(fixture.Database);
        await MarkedData.DropAsync(fixture.Database);
        var inTheWay = Path.Combine(Directory.CreateDirectory(Path.Combine(fixture.Folder, "Store", "checkpoints")).FullName, "cpr-checkpoints");
        await File.WriteAllTextAsync(inTheWay, "in the way", Cancellation);
        await fixture.Store.ErasedAsync(Cancellation);
        await Poll.UntilAsync(
            () =>
            {
                time.Advance(RewriteSchedule.Delay / 5);
                return log.Entries.Any(entry => entry.EventId == HostEventIds.StoreRewriteFailed);
            },
            "a rewrite has failed");
        await KeptData.CheckAsync(fixture.Database, Kept);

        File.Delete(inTheWay);
        await RewriteOwed.WaitAsync(fixture.Folder, time);

        Assert.Empty(MarkedData.FilesIn(fixture.Folder));
        await fixture.RestartAsync();
        await KeptData.CheckAsync(fixture.Database, Kept);
    }

    /// <summary>As a checkpoint does whose disk was full.</summary>
    [Fact]
    public async Task CheckpointThatDidNotComeAbout_LeavesNothing()
    {
        var time = new FakeTimeProvider();
        await using var fixture = await GarnetFixture.StartAsync(time: time);
        await KeptData.WriteAsync(fixture.Database, 10);
        await RewriteAsync(fixture, time);
        var checkpoint = Directory.GetDirectories(Path.Combine(fixture.Folder, "Store", "checkpoints", "cpr-checkpoints")).Single();
        var half = Directory.CreateDirectory(Path.Combine(checkpoint, "..", Guid.NewGuid().ToString()));
        await File.WriteAllTextAsync(Path.Combine(half.FullName, "snapshot.dat.0"), "a part", Cancellation);

        await RewriteAsync(fixture, time);

        Assert.False(Directory.Exists(half.FullName));
    }

    [Fact]
    public async Task WhileWritersWrite_NoneOfTheirWritesIsLostOrMadeTwice()
    {
        const int Writers = 8;
        var time = new FakeTimeProvider();
        await using var fixture = await GarnetFixture.StartAsync(time: time);
        await KeptData.WriteAsync(fixture.Database, Kept);
        await MarkedData.WriteAsync(fixture.Database);
        await MarkedData.DropAsync(fixture.Database);
        using var enough = new CancellationTokenSource();
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => CountAsync(fixture, writer, enough.Token))).ToArray();

        for (var round = 0; round < 5; round++)
        {
            await RewriteAsync(fixture, time);
            Assert.Empty(MarkedData.FilesIn(fixture.Folder));
        }

        await enough.CancelAsync();
        var acknowledged = await Task.WhenAll(writers);
        output.WriteLine($"{acknowledged.Sum()} scripts acknowledged");
        await CheckCountsAsync(fixture.Database, acknowledged);
        await fixture.RestartAsync();
        await CheckCountsAsync(fixture.Database, acknowledged);
        await KeptData.CheckAsync(fixture.Database, Kept);
    }

    private static async Task RewriteAsync(GarnetFixture fixture, FakeTimeProvider time)
    {
        await fixture.Store.ErasedAsync(Cancellation);
        await RewriteOwed.WaitAsync(fixture.Folder, time);
    }

    /// <summary>Everything is counted five times over, in keys of each kind of the writer's own and in one that all share.</summary>
    private static async Task<int> CountAsync(GarnetFixture fixture, int writer, CancellationToken enough)
    {
        await using var connection = await fixture.ConnectAsync();
        var count = 0;
        while (!enough.IsCancellationRequested)
        {
            await connection.GetDatabase().ScriptEvaluateAsync(
                """
                redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
                redis.call('ZINCRBY', KEYS[2], 1, ARGV[1])
                redis.call('RPUSH', KEYS[3], ARGV[2])
                redis.call('SET', KEYS[4], (redis.call('GET', KEYS[4]) or '') .. 'x')
                redis.call('HINCRBY', KEYS[5], 'all', 1)
                """,
                [$"hash:{writer}:{count % 50}", $"zset:{writer}", $"list:{writer}", $"string:{writer}:{count % 50}", "shared"],
                [$"field:{count % 7}", count]);
            count++;
        }

        return count;
    }

    private static async Task CheckCountsAsync(IDatabase database, int[] acknowledged)
    {
        for (var writer = 0; writer < acknowledged.Length; writer++)
        {
            var (hashes, strings) = (0L, 0L);
            for (var i = 0; i < 50; i++)
            {
                hashes += (await database.HashGetAllAsync($"hash:{writer}:{i}")).Sum(field => (long)field.Value);
                strings += await database.StringLengthAsync($"string:{writer}:{i}");
            }

            var scores = (await database.SortedSetRangeByRankWithScoresAsync($"zset:{writer}")).Sum(member => member.Score);
            Assert.Equal((acknowledged[writer], acknowledged[writer], acknowledged[writer]), ((int)hashes, (int)strings, (int)scores));
            Assert.Equal(Enumerable.Range(0, acknowledged[writer]), (await database.ListRangeAsync($"list:{writer}")).Select(value => (int)value));
        }

        Assert.Equal(acknowledged.Sum(), (int)await database.HashGetAsync("shared", "all"));
    }
}
