using System.Diagnostics;
using Dub.Clerk.Host.Diagnostics;
using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Tests.Embedded;

/// <summary>A write that cannot be stored is not acknowledged. The log's file is <c>/dev/full</c>, which refuses as a full disk does.</summary>
/// <remarks>On a real full disk (a tmpfs of 24 MB): 417 writes acknowledged before, between and after, none missing.</remarks>
public sealed class FullDiskTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task FullDisk_AcknowledgesNothing_SaysSo_AndRecoversWhenThereIsRoom()
    {
        const string Device = "/dev/full";
        Assert.SkipUnless(File.Exists(Device), "there is no /dev/full here");
        var log = Path.Combine(_folder.CreateSubdirectory("AOF").FullName, "aof.log.0");
        File.CreateSymbolicLink(log, Device);
        var time = new FakeTimeProvider();
        await using var store = new EmbeddedStore(_folder.FullName, NullLoggerFactory.Instance, time);
        await store.StartAsync(TestContext.Current.CancellationToken);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(store.ConfigurationOptions);
        var database = connection.GetDatabase();
        Assert.True(store.IsHealthy);

        await Assert.ThrowsAnyAsync<RedisException>(() => database.StringSetAsync("refused", "a"));

        var health = await store.CheckAsync(TestContext.Current.CancellationToken);
        Assert.False(health.IsHealthy);
        Assert.Contains("Make room", health.Reason, StringComparison.Ordinal);

        File.Delete(log);
        var started = Stopwatch.GetTimestamp();
        while (!store.IsHealthy)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30), "not healthy in 30 s");
            time.Advance(EmbeddedStore.Round);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await using var after = await ConnectionMultiplexer.ConnectAsync(store.ConfigurationOptions);
        Assert.False(await after.GetDatabase().KeyExistsAsync("refused"));
        Assert.True(await after.GetDatabase().StringSetAsync("accepted", "b"));
    }

    /// <summary>There is room for the log, and none for a checkpoint beside it: one that is tried again and again must not take what the log needs.</summary>
    [Fact]
    public async Task DiskTooSmallForACheckpoint_IsNotFilledByTrying_AndHasOneWhenThereIsRoom()
    {
        const int Megabyte = 1 << 20;
        const int Kept = 2400;
        using var disk = SmallDisk.Mount(_folder.FullName, megabytes: 64);
        var (time, log, drive) = (new FakeTimeProvider(), new TestLog(), new DriveInfo(_folder.FullName));
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        await using var store = new EmbeddedStore(_folder.FullName, loggers, time, checkpointThreshold: 4 * Megabyte);
        await store.StartAsync(TestContext.Current.CancellationToken);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(store.ConfigurationOptions);
        await KeptData.WriteAsync(connection.GetDatabase(), Kept);
        var ballast = Path.Combine(_folder.FullName, "ballast");
        await using (var file = File.Create(ballast))
        {
            file.Write(new byte[drive.AvailableFreeSpace - (6 * Megabyte)]);
        }

        for (var failures = 1; failures <= 5; failures++)
        {
            await AdvanceUntilAsync(() => log.Entries.Count(entry => entry.EventId == HostEventIds.CheckpointFailed) >= failures, time, "a checkpoint has failed");
            Assert.InRange(drive.AvailableFreeSpace, 5 * Megabyte, 6 * Megabyte);
        }

        Assert.True(await connection.GetDatabase().StringSetAsync("accepted", "a"));
        File.Delete(ballast);
        await AdvanceUntilAsync(() => log.Entries.Any(entry => entry.EventId == HostEventIds.CheckpointTaken), time, "a checkpoint is taken");
        Assert.True(store.IsHealthy);
        await KeptData.CheckAsync(connection.GetDatabase(), Kept);

        static Task AdvanceUntilAsync(Func<bool> reached, FakeTimeProvider time, string what) => Poll.UntilAsync(
            () =>
            {
                time.Advance(EmbeddedStore.Round);
                return reached();
            },
            what);
    }

    [Fact]
    public async Task FullDiskOfAHost_IsSaidToAnybodyWithoutItsFolder()
    {
        const string Device = "/dev/full";
        Assert.SkipUnless(File.Exists(Device), "there is no /dev/full here");
        File.CreateSymbolicLink(Path.Combine(_folder.CreateSubdirectory("AOF").FullName, "aof.log.0"), Device);
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DUBCLERK_DATA_DIR"] = _folder.FullName });

        // Where a round would write to see whether there is room again, it cannot, so the store stays as it is.
        _folder.CreateSubdirectory("probe");
        var said = string.Empty;
        await Poll.UntilAsync(
            async () =>
            {
                var (status, body) = await host.CallAsync(HttpMethod.Get, "/health/ready", authorization: null);
                said = body.ToString();
                return status == 503 && said.Contains("The embedded store takes no writes.", StringComparison.Ordinal);
            },
            "the host says that its store takes no writes");

        Assert.DoesNotContain(_folder.Name, said, StringComparison.Ordinal);
        Assert.Contains(host.Log.Entries, entry => entry.Message.Contains(_folder.FullName, StringComparison.Ordinal) && entry.Message.Contains("Make room", StringComparison.Ordinal));
    }

    /// <summary>The next file of the log, which a rewrite begins, is on the full disk.</summary>
    [Fact]
    public async Task FullDiskInARewrite_LosesNothing_AndItIsDoneWhenThereIsRoom()
    {
        const string Device = "/dev/full";
        Assert.SkipUnless(File.Exists(Device), "there is no /dev/full here");
        var time = new FakeTimeProvider();
        var log = Path.Combine(_folder.FullName, "AOF", "aof.log.1");
        await using (var before = new EmbeddedStore(_folder.FullName, NullLoggerFactory.Instance, time))
        {
            await before.StartAsync(TestContext.Current.CancellationToken);
        }

        File.Delete(log);
        File.CreateSymbolicLink(log, Device);
        await using var store = new EmbeddedStore(_folder.FullName, NullLoggerFactory.Instance, time);
        await store.StartAsync(TestContext.Current.CancellationToken);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(store.ConfigurationOptions);
        await KeptData.WriteAsync(connection.GetDatabase(), 500);
        await MarkedData.WriteAsync(connection.GetDatabase(), [10]);
        await MarkedData.DropAsync(connection.GetDatabase(), [10]);
        Assert.NotEmpty(MarkedData.FilesIn(_folder.FullName));
        await store.ErasedAsync(TestContext.Current.CancellationToken);

        await Poll.UntilAsync(
            () =>
            {
                time.Advance(RewriteSchedule.Delay / 5);
                return !store.IsHealthy;
            },
            "the store notices");

        File.Delete(log);
        await RewriteOwed.WaitAsync(_folder.FullName, time);
        Assert.True(store.IsHealthy);
        Assert.Empty(MarkedData.FilesIn(_folder.FullName));
        await using var after = await ConnectionMultiplexer.ConnectAsync(store.ConfigurationOptions);
        await KeptData.CheckAsync(after.GetDatabase(), 500);
    }
}
