using System.Diagnostics;
using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Tests.Embedded;

public sealed class CheckpointTests(ITestOutputHelper output)
{
    private const long Megabyte = 1 << 20;
    private const int Commands = 240_000;
    private const int Customers = Commands / 5;

    private static readonly string Text = new('a', 2000);

    [Fact]
    public async Task LogOverTheThreshold_IsReplacedByACheckpoint_AndNothingIsLost()
    {
        var time = new FakeTimeProvider();
        await using var fixture = await GarnetFixture.StartAsync(time: time, checkpointThreshold: 20 * Megabyte);
        await FillAsync(fixture.Database, 0, 600);
        await fixture.Database.StringSetAsync("soon", "a", TimeSpan.FromMilliseconds(1));
        await fixture.Database.StringSetAsync("later", "a", TimeSpan.FromHours(1));
        Assert.True(AofBytes(fixture) > 30 * Megabyte);

        await AdvanceUntilAsync(time, () => AofBytes(fixture) < 20 * Megabyte);
        await FillAsync(fixture.Database, 600, 650);
        await fixture.RestartAsync();

        await CheckAsync(fixture.Database, 650);
        Assert.False(await fixture.Database.KeyExistsAsync("soon"));
        Assert.InRange((await fixture.Database.KeyTimeToLiveAsync("later"))!.Value.TotalMinutes, 55, 60);
    }

    [Fact]
    public async Task SeveralCheckpoints_KeepOnlyTheNewest()
    {
        var time = new FakeTimeProvider();
        await using var fixture = await GarnetFixture.StartAsync(time: time, checkpointThreshold: Megabyte);
        for (var round = 0; round < 4; round++)
        {
            await FillAsync(fixture.Database, 0, 50);
            var before = CheckpointFolders(fixture);
            await AdvanceUntilAsync(time, () => !CheckpointFolders(fixture).SetEquals(before));
        }

        // The old one goes a moment after the new one has come.
        await Poll.UntilAsync(() => CheckpointFolders(fixture).Count == 1, "only the newest checkpoint is kept");
        await fixture.RestartAsync();
        await CheckAsync(fixture.Database, 50);
    }

    /// <summary>What a start must replay is bounded, whatever was written before: here ten times as much as the log may hold.</summary>
    [Fact]
    public async Task ManyCommands_LeaveLittleToReplay()
    {
        const int Batch = 5_000;
        await using var fixture = await GarnetFixture.StartAsync();
        var watch = Stopwatch.StartNew();
        for (var from = 0; from < Commands; from += Batch)
        {
            await Task.WhenAll(Enumerable.Range(from, Batch).Select(i => SmallCommand(fixture.Database, i)));
        }

        output.WriteLine($"{Commands} commands in {watch.Elapsed.TotalSeconds:F1} s");
        watch.Restart();
        await fixture.RestartAsync();
        output.WriteLine($"stopped and ready again in {watch.Elapsed.TotalSeconds:F2} s");

        Assert.True(AofBytes(fixture) < 40 * Megabyte, $"{AofBytes(fixture)} bytes of log");
        Assert.True(await fixture.Database.KeyExistsAsync($"click:{Commands - 4}"));
        Assert.Equal(Commands - 3, (int)await fixture.Database.HashGetAsync($"customer:{Customers - 3}", "click"));
        Assert.Equal(Customers / 4, await fixture.Database.SortedSetLengthAsync("outbox"));
    }

    /// <summary>A memory limit without a storage tier evicts acknowledged writes in silence, and Garnet's default is 16 GB. A start fails when the limit
    /// is above what the ring of pages holds.</summary>
    [Fact]
    public void Memory_HasNoLimitThatEvicts()
    {
        using var endpoint = StoreEndpoint.Loopback();

        var settings = ServerSettings.Create(Path.GetTempPath(), endpoint).GetSettings(null, null, null, out _);

        Assert.True(settings.LogMemorySize >= 256L << 30);
        Assert.Equal(settings.LogMemorySize, settings.PageCount * settings.PageSize);
    }

    private static Task SmallCommand(IDatabase database, int i) => (i % 4) switch
    {
        0 => database.StringSetAsync($"click:{i}", Text, TimeSpan.FromDays(90)),
        1 => database.HashSetAsync($"customer:{i % Customers}", [new("click", i), new("state", Text[..500])]),
        2 => database.SortedSetAddAsync("outbox", i % Customers / 4, i),
        _ => database.ScriptEvaluateAsync(
            "redis.call('HINCRBY', KEYS[1], 'n', 1); return redis.call('SET', KEYS[2], ARGV[1], 'PX', 86400000)",
            [$"counter:{i % 1000}", $"seen:{i % (Customers / 4)}"],
            [i]),
    };

    private static async Task FillAsync(IDatabase database, int from, int until)
    {
        var text = new string('x', 60_000);
        for (var i = from; i < until; i++)
        {
            await Task.WhenAll(
                database.StringSetAsync($"string:{i}", text),
                database.HashSetAsync($"hash:{i}", [new("a", i), new("b", "y")]),
                database.SortedSetAddAsync("zset", $"m{i}", i));
        }
    }

    private static async Task CheckAsync(IDatabase database, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(60_000, await database.StringLengthAsync($"string:{i}"));
            Assert.Equal(i, (int)await database.HashGetAsync($"hash:{i}", "a"));
            Assert.Equal(i, await database.SortedSetScoreAsync("zset", $"m{i}"));
        }
    }

    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Func<bool> reached)
    {
        var started = Stopwatch.GetTimestamp();
        while (!reached())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30), "not reached in 30 s");
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private static long AofBytes(GarnetFixture fixture) => new DirectoryInfo(Path.Combine(fixture.Folder, "AOF"))
        .EnumerateFiles("aof.log*").Sum(file => file.Exists ? file.Length : 0);

    private static HashSet<string> CheckpointFolders(GarnetFixture fixture)
    {
        var folder = new DirectoryInfo(Path.Combine(fixture.Folder, "Store", "checkpoints", "cpr-checkpoints"));
        return folder.Exists ? [.. folder.EnumerateDirectories().Select(checkpoint => checkpoint.Name)] : [];
    }
}
