using Dub.Clerk.Testing;
using Dub.Clerk.Testing.StoreProcess;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Tests.Embedded;

/// <summary>A kill in the middle of writes. Clients, in this process, remember what was acknowledged; the store is another process.</summary>
/// <remarks>With Garnet's own commits (frequency 0 and WaitForCommit) nothing acknowledged was lost either, but a script's calls were committed one by
/// one: five kills left 13 of 80 groups of keys half-written. <c>DUBCLERK_LONG=1</c> kills fifty times.</remarks>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Writers = 16;
    private const int AcknowledgedBeforeKill = 400;

    private static readonly int Kills = LongRun.IsAsked ? 50 : 5;

    // Four calls and kinds of keys, which must always tell the same.
    private const string Script =
        """
        redis.call('HSET', KEYS[1], 'v', ARGV[1])
        redis.call('ZADD', KEYS[2], ARGV[1], 'm')
        redis.call('SET', KEYS[3], ARGV[1], 'PX', 100000000)
        redis.call('HSET', KEYS[4], 'v', ARGV[1], 'padding', ARGV[2])
        return ARGV[1]
        """;

    [Theory]
    [InlineData(64L << 20)]
    [InlineData(100_000L)] // a checkpoint in nearly every second
    public async Task KilledWhileWriting_KeepsWhatWasAcknowledged_AndNoHalfScript(long checkpointThreshold)
    {
        Assert.SkipWhen(StoreInAProcess.UnsupportedReason is not null, StoreInAProcess.UnsupportedReason ?? string.Empty);
        await using var store = await StoreInAProcess.StartAsync(checkpointThreshold);
        var acknowledged = new long[Writers];

        for (var kill = 0; kill < Kills; kill++)
        {
            await WriteUntilKilledAsync(store, acknowledged);
            await store.StartAgainAsync();
            await CheckAsync(store, acknowledged);
        }

        output.WriteLine($"{acknowledged.Sum()} scripts acknowledged over {Kills} kills");
    }

    private static async Task WriteUntilKilledAsync(StoreInAProcess store, long[] acknowledged)
    {
        var before = acknowledged.Sum();
        var padding = new string('x', 200);
        var connections = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ConnectionMultiplexer.ConnectAsync(store.ConfigurationOptions)));
        var killing = false;
        using var killed = new CancellationTokenSource();

        async Task WriteAsync(int writer)
        {
            var database = connections[writer % connections.Length].GetDatabase();
            try
            {
                for (var value = acknowledged[writer] + 1; !killed.IsCancellationRequested; value++)
                {
                    await database.ScriptEvaluateAsync(Script, Keys(writer), [value, padding]);
                    Volatile.Write(ref acknowledged[writer], value);
                }
            }
            catch (RedisException) when (Volatile.Read(ref killing))
            {
            }
        }

        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer))).ToArray();
        SpinWait.SpinUntil(() => acknowledged.Sum() - before > AcknowledgedBeforeKill, TimeSpan.FromSeconds(30));

        // The kill comes while all of them write; only then are they told to stop.
        Volatile.Write(ref killing, true);
        store.Kill();
        await killed.CancelAsync();
        await Task.WhenAll(writers);
        await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
        Assert.True(acknowledged.Sum() - before > AcknowledgedBeforeKill, "too few writes in 30 s");
    }

    private static async Task CheckAsync(StoreInAProcess store, long[] acknowledged)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(store.ConfigurationOptions);
        var database = connection.GetDatabase();
        for (var writer = 0; writer < Writers; writer++)
        {
            var keys = Keys(writer);
            var hash = (long)await database.HashGetAsync(keys[0], "v");
            var zset = (long)(await database.SortedSetScoreAsync(keys[1], "m") ?? 0);
            var text = (long)await database.StringGetAsync(keys[2]);
            var other = (long)await database.HashGetAsync(keys[3], "v");

            Assert.Equal((hash, hash, hash), (zset, text, other));
            Assert.InRange(hash, acknowledged[writer], acknowledged[writer] + 1);
            acknowledged[writer] = hash;
        }
    }

    private static RedisKey[] Keys(int writer) => [$"{{{writer}}}:hash", $"{{{writer}}}:zset", $"{{{writer}}}:string", $"{{{writer}}}:other"];
}
