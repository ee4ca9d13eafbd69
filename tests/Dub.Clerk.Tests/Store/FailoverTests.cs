using System.Collections.Concurrent;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Store;

/// <summary>A cluster's master dies without notice while sign-ups are written.</summary>
public sealed class FailoverTests
{
    [Fact]
    public async Task KilledMaster_LosesNothingThatWasAcknowledged()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var cluster = await RedisClusterFixture.StartAsync(RedisClusterFixture.QuickFailover);
        var options = cluster.ConfigurationOptions;
        options.AsyncTimeout = 5000;
        await using var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(options);
        await using var host = new TestHost(connection, TimeProvider.System, configure: settings =>
        {
            settings.Redis = options.ToString();
            settings.ReplicasPerWrite = 1;
        });
        var (acknowledged, refused) = (new ConcurrentQueue<string>(), 0);
        using var over = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !over.IsCancellationRequested; i++)
            {
                var user = $"user_{writer}x{i}";
                try
                {
                    await host.UserCreatedAsync(user, createdAt: DateTimeOffset.UtcNow);
                    acknowledged.Enqueue(user);
                }
                catch (StoreException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        })).ToList();

        await Poll.UntilAsync(() => acknowledged.Count > 300, "sign-ups are written");
        var victim = cluster.Nodes[0];
        victim.Kill();
        await Poll.UntilAsync(
            async () => (await cluster.Nodes[3].SayAsync("INFO replication")).Contains("role:master", StringComparison.Ordinal), "its replica takes over");

        // Alone it acknowledges nothing; with a replica again it does.
        await victim.RestartAsync();

        // Whose partition the dead master had is known by its slots; every partition takes sign-ups again.
        var partitions = new HashSet<int>();
        var seen = acknowledged.Count;
        await Poll.UntilAsync(() =>
        {
            partitions.UnionWith(acknowledged.Skip(seen).Select(StoreKeys.PartitionOf));
            return partitions.Count == StoreKeys.Partitions;
        }, "sign-ups of every partition are written again");
        await over.CancelAsync();
        await Task.WhenAll(writers);

        Assert.True(refused > 0, "Nobody noticed that a master had died.");
        var lost = new List<string>();
        foreach (var user in acknowledged)
        {
            SignUpStatus? found = null;
            await Poll.UntilAsync(
                async () =>
                {
                    try
                    {
                        found = await host.SignUpAsync(user);
                        return true;
                    }
                    catch (StoreException)
                    {
                        return false;
                    }
                },
                "the cluster answers");
            if (found is null)
            {
                lost.Add(user);
            }
        }

        Assert.True(lost.Count == 0, $"{lost.Count} of {acknowledged.Count} acknowledged sign-ups are lost, such as {lost.FirstOrDefault()}.");
    }
}
