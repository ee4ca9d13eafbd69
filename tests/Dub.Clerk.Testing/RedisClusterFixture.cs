using System.Globalization;
using Dub.Clerk.Host.Network;
using StackExchange.Redis;

namespace Dub.Clerk.Testing;

/// <summary>A Redis Cluster of three masters with a replica each, in folders of their own, that fails over within a few seconds, and a connection to it.</summary>
internal sealed class RedisClusterFixture : IAsyncDisposable
{
    private const int Masters = 3;
    private const int Slots = 16384;

    /// <summary>For tests in which nodes die.</summary>
    public static TimeSpan QuickFailover { get; } = TimeSpan.FromSeconds(2.5);

    /// <summary>For the others.</summary>
    public static TimeSpan NoFailover { get; } = TimeSpan.FromMinutes(1);

    private RedisClusterFixture(IReadOnlyList<RedisNode> nodes) => Nodes = nodes;

    /// <summary>The one that the tests of this process share, where one is started. Nobody may kill its nodes.</summary>
    public static RedisClusterFixture? Shared { get; set; }

    /// <summary>First those that were the masters at the start, then the replica of each.</summary>
    public IReadOnlyList<RedisNode> Nodes { get; }

    public IConnectionMultiplexer Connection { get; private set; } = null!;

    public ConfigurationOptions ConfigurationOptions
    {
        get
        {
            var options = new ConfigurationOptions
            {
                AbortOnConnectFail = false,
                AllowAdmin = true,
                ReconnectRetryPolicy = new LinearRetry(50),
                AsyncTimeout = RedisServerFixture.PatientMilliseconds,
            };
            foreach (var node in Nodes)
            {
                options.EndPoints.Add(node.Address);
            }

            return options;
        }
    }

    /// <param name="nodeTimeout">How long a node may be silent before its replica takes over. Long where nobody kills one: on a busy machine a node that
    /// waits for its turn is no dead one.</param>
    public static async Task<RedisClusterFixture> StartAsync(TimeSpan nodeTimeout)
    {
        var nodes = new List<RedisNode>();
        var fixture = new RedisClusterFixture(nodes);
        try
        {
            nodes.AddRange(await Task.WhenAll(Enumerable.Range(0, 2 * Masters).Select(_ => RedisNode.StartAsync(
                "--cluster-enabled", "yes", "--cluster-node-timeout", Number((int)nodeTimeout.TotalMilliseconds), "--cluster-port", Number(FreePort.Next()), "--repl-timeout", Number(5 * (int)nodeTimeout.TotalSeconds)))));
            await JoinAsync(nodes);
            fixture.Connection = await ConnectionMultiplexer.ConnectAsync(fixture.ConfigurationOptions);
            return fixture;
        }
        catch
        {
            await fixture.DisposeAsync();
            throw;
        }
    }

    /// <summary>Empties every master.</summary>
    public Task ClearAsync() => Task.WhenAll(Connection.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }).Select(server => server.FlushAllDatabasesAsync()));

    /// <summary>Another connection, for tests in which several hosts share the cluster.</summary>
    public async Task<IConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync(ConfigurationOptions);

    /// <summary>Waits until some node finds the cluster whole.</summary>
    public static Task WaitUntilWholeAsync(RedisNode seenFrom)
        => Poll.UntilAsync(async () => (await seenFrom.SayAsync("CLUSTER INFO")).Contains("cluster_state:ok", StringComparison.Ordinal), "the cluster is whole");

    /// <summary>The nodes that have slots now, and answer.</summary>
    public async Task<IReadOnlyList<RedisNode>> MastersAsync()
    {
        var roles = await Task.WhenAll(Nodes.Select(async node => (node, Role: await node.SayAsync("ROLE"))));
        return [.. roles.Where(of => of.Role.StartsWith("master", StringComparison.Ordinal)).Select(of => of.node)];
    }

    /// <summary>Waits until every node runs, and what the masters have now is in a replica each, so that any of them may die.</summary>
    public async Task WaitUntilSafeAsync()
    {
        // Looked at as a whole each time: on a busy machine a replica may take over meanwhile.
        var written = new Dictionary<RedisNode, long>();
        await Poll.UntilAsync(
            async () =>
            {
                var masters = await MastersAsync();
                var states = await Task.WhenAll(masters.Select(async master => (master, Said: await master.SayAsync("INFO replication"))));
                var isSafe = masters.Count == Masters && states.All(of => written.TryGetValue(of.master, out var offset) && IsCopied(of.Said, offset));
                foreach (var (master, said) in states)
                {
                    written.TryAdd(master, Offset(said, "master_repl_offset:"));
                }

                return isSafe;
            },
            "every master has a replica that has caught up");
        foreach (var node in Nodes)
        {
            await WaitUntilWholeAsync(node);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Connection is not null)
        {
            await Connection.DisposeAsync();
        }

        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static async Task JoinAsync(IReadOnlyList<RedisNode> nodes)
    {
        var buses = await Task.WhenAll(nodes.Select(async node => (await node.SayAsync("CONFIG GET cluster-port")).Split('\n')[^1]));
        var ids = await Task.WhenAll(nodes.Select(node => node.SayAsync("CLUSTER MYID")));
        await Task.WhenAll(nodes.Take(Masters).Select((node, i) => node.SayAsync(
            $"CLUSTER SET-CONFIG-EPOCH {i + 1}", $"CLUSTER ADDSLOTSRANGE {Slots * i / Masters} {(Slots * (i + 1) / Masters) - 1}")));

        // Each meets all before it, so that nobody waits for gossip.
        for (var i = 1; i < nodes.Count; i++)
        {
            await nodes[i].SayAsync([.. Enumerable.Range(0, i).Select(other => $"CLUSTER MEET 127.0.0.1 {Number(nodes[other].Port)} {buses[other]}")]);
        }

        for (var i = Masters; i < nodes.Count; i++)
        {
            var (replica, master) = (nodes[i], ids[i - Masters]);
            await Poll.UntilAsync(async () => await replica.SayAsync($"CLUSTER REPLICATE {master}") == "OK", "a replica knows its master");
        }

        foreach (var node in nodes)
        {
            await Poll.UntilAsync(async () => await IsReadyAsync(node, nodes.Count), "the cluster is whole");
        }
    }

    private static async Task<bool> IsReadyAsync(RedisNode node, int count)
    {
        var (cluster, replication, known) = (await node.SayAsync("CLUSTER INFO"), await node.SayAsync("INFO replication"), await node.SayAsync("CLUSTER NODES"));
        return cluster.Contains("cluster_state:ok", StringComparison.Ordinal)
            && cluster.Contains($"cluster_known_nodes:{count}", StringComparison.Ordinal)
            && known.Split("slave ").Length == 1 + (count / 2)
            && (replication.Contains("master_link_status:up", StringComparison.Ordinal) || replication.Contains("state=online", StringComparison.Ordinal));
    }

    private static bool IsCopied(string replication, long offset)
        => replication.Split('\n').Any(line => line.StartsWith("slave", StringComparison.Ordinal) && line.Contains("state=online", StringComparison.Ordinal) && Offset(line, "offset=") >= offset);

    private static long Offset(string text, string after)
    {
        var start = text.IndexOf(after, StringComparison.Ordinal) + after.Length;
        var end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return long.Parse(text[start..end], CultureInfo.InvariantCulture);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
