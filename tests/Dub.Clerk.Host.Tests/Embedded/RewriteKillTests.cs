using Dub.Clerk.Testing;
using Dub.Clerk.Testing.StoreProcess;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Tests.Embedded;

/// <summary>A kill in the middle of a rewrite, or shortly after, loses nothing; the next start completes it.</summary>
public sealed class RewriteKillTests(ITestOutputHelper output)
{
    private const int Writers = 8;
    private const int Kills = 5;
    private const int Kept = 4_000;

    // In about as many the rewrite is done.
    private const int MostWritesBeforeKill = 800;

    [Fact]
    public async Task KilledInARewrite_KeepsWhatWasAcknowledged_AndTheNextStartCompletesIt()
    {
        Assert.SkipWhen(StoreInAProcess.UnsupportedReason is not null, StoreInAProcess.UnsupportedReason ?? string.Empty);
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var store = await StoreInAProcess.StartAsync(checkpointThreshold: 64L << 20);
        await UseAsync(store, database => KeptData.WriteAsync(database, Kept));
        var acknowledged = new int[Writers];
        var unfinished = 0;

        for (var kill = 0; kill < Kills; kill++)
        {
            await UseAsync(store, MarkedData.WriteAsync);
            await UseAsync(store, MarkedData.DropAsync);
            await WriteUntilKilledAsync(store, acknowledged, random.Next(MostWritesBeforeKill));
            unfinished += RewriteOwed.In(store.Folder) ? 1 : 0;
            await store.StartAgainAsync();
            await UseAsync(store, database => CheckAsync(database, acknowledged));
        }

        await Poll.UntilAsync(() => !RewriteOwed.In(store.Folder), "what was owed is made up for");
        Assert.Empty(MarkedData.FilesIn(store.Folder));
        await UseAsync(store, database => KeptData.CheckAsync(database, Kept));
        store.Kill();
        await store.StartAgainAsync();
        await UseAsync(store, database => CheckAsync(database, acknowledged));
        await UseAsync(store, database => KeptData.CheckAsync(database, Kept));
        output.WriteLine($"{acknowledged.Sum()} scripts acknowledged over {Kills} kills, {unfinished} of them before the rewrite was done");
    }

    private static async Task WriteUntilKilledAsync(StoreInAProcess store, int[] acknowledged, int writesAfterItBegan)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(store.ConfigurationOptions);
        var killing = false;
        using var killed = new CancellationTokenSource();

        async Task WriteAsync(int writer)
        {
            try
            {
                for (var value = acknowledged[writer]; !killed.IsCancellationRequested; value++)
                {
                    await connection.GetDatabase().ScriptEvaluateAsync(
                        "redis.call('RPUSH', KEYS[1], ARGV[1]); redis.call('HINCRBY', KEYS[2], 'n', 1); return redis.call('INCR', KEYS[3])",
                        [$"list:{writer}", $"hash:{writer}", $"string:{writer}"],
                        [value]);
                    Volatile.Write(ref acknowledged[writer], value + 1);
                }
            }
            catch (RedisException) when (Volatile.Read(ref killing))
            {
            }
        }

        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer))).ToArray();
        var logFiles = LogFiles(store);
        await store.EraseAsync();
        await Poll.UntilAsync(() => !LogFiles(store).SetEquals(logFiles), "the log begins a new file");
        var enough = acknowledged.Sum() + writesAfterItBegan;
        await Poll.UntilAsync(() => acknowledged.Sum() >= enough, "some more was written");

        Volatile.Write(ref killing, true);
        store.Kill();
        await killed.CancelAsync();
        await Task.WhenAll(writers);
    }

    private static HashSet<string> LogFiles(StoreInAProcess store) =>
        [.. Directory.EnumerateFiles(Path.Combine(store.Folder, "AOF"), "aof.log.*").Select(file => Path.GetFileName(file))];

    private static async Task CheckAsync(IDatabase database, int[] acknowledged)
    {
        for (var writer = 0; writer < Writers; writer++)
        {
            var list = await database.ListRangeAsync($"list:{writer}");
            Assert.InRange(list.Length, acknowledged[writer], acknowledged[writer] + 1);
            Assert.Equal(Enumerable.Range(0, list.Length), list.Select(value => (int)value));
            Assert.Equal(list.Length, (int)await database.HashGetAsync($"hash:{writer}", "n"));
            Assert.Equal(list.Length, (int)await database.StringGetAsync($"string:{writer}"));
            acknowledged[writer] = list.Length;
        }
    }

    private static async Task UseAsync(StoreInAProcess store, Func<IDatabase, Task> use)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(store.ConfigurationOptions);
        await use(connection.GetDatabase());
    }
}
