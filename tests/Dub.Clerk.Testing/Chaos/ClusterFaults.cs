using System.Globalization;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>What goes wrong with a cluster, its hosts and Dub: one thing after the other, each over before the next, since two at once may take the only
/// copy of what was written.</summary>
internal sealed class ClusterFaults
{
    /// <summary>Longer than a node may be silent before its replica takes over.</summary>
    private static readonly TimeSpan Silence = RedisClusterFixture.QuickFailover * 3;

    private readonly RedisClusterFixture _cluster;
    private readonly Hosts _hosts;
    private readonly Storm _storm;
    private readonly Random _random;
    private readonly Dictionary<string, int> _done = [];

    public ClusterFaults(RedisClusterFixture cluster, Hosts hosts, Storm storm, Random random) => (_cluster, _hosts, _storm, _random) = (cluster, hosts, storm, random);

    /// <summary>In words.</summary>
    public string Report => string.Join(", ", _done.OrderBy(pair => pair.Key).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value}")));

    /// <summary>Goes on until it is told to stop; then everything runs, and every master has its replica.</summary>
    /// <param name="pause">Between two faults.</param>
    /// <param name="say">Told what is done.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(TimeSpan pause, Action<string> say, CancellationToken stop)
    {
        (string Name, Func<Task> Do)[] faults =
        [
            ("host killed", KillHostAsync), ("master killed", KillMasterAsync), ("node silent", SilenceNodeAsync), ("node restarted", RestartNodeAsync),
            ("slots moved", MoveSlotsAsync), ("Dub stalled", StallDubAsync),
        ];
        while (true)
        {
            _random.Shuffle(faults);
            foreach (var (name, fault) in faults)
            {
                await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stop.IsCancellationRequested)
                {
                    return;
                }

                say(name);
                await fault();
                await _cluster.WaitUntilSafeAsync();
                _done[name] = _done.GetValueOrDefault(name) + 1;
            }
        }
    }

    private Task KillHostAsync() => _hosts.RestartAsync(_random.Next(_hosts.Addresses.Count));

    private async Task KillMasterAsync()
    {
        var master = Pick(await _cluster.MastersAsync());
        master.Kill();
        await RedisClusterFixture.WaitUntilWholeAsync(_cluster.Nodes.First(node => node != master));
        await master.RestartAsync();
    }

    private async Task SilenceNodeAsync()
    {
        var node = Pick(_cluster.Nodes);
        node.Pause();
        await Task.Delay(Silence);
        node.Resume();
    }

    private async Task RestartNodeAsync()
    {
        var node = Pick(_cluster.Nodes);
        await node.SayAsync("SHUTDOWN NOSAVE");
        await node.RestartAsync();
    }

    private async Task StallDubAsync()
    {
        _storm.Dub.Faults.Set(Host.StandIns.FaultKind.TimeoutBefore, 1);
        await Task.Delay(Silence);
        _storm.Dub.Faults.Clear();
    }

    /// <summary>Gives a slot in which there is something to another master.</summary>
    private async Task MoveSlotsAsync()
    {
        var masters = await _cluster.MastersAsync();
        var slot = await masters[0].SayAsync(string.Create(CultureInfo.InvariantCulture, $"CLUSTER KEYSLOT {{s{_random.Next(Store.StoreKeys.Shards)}}}"));
        var server = _cluster.Connection.GetServer(masters[0].Address);
        var owner = (await server.ClusterNodesAsync())!.GetBySlot(int.Parse(slot, CultureInfo.InvariantCulture))?.EndPoint;
        if (masters.SingleOrDefault(master => master.Address.Equals(owner)) is not { } from)
        {
            // A replica takes over right now; another time.
            return;
        }

        var to = Pick([.. masters.Where(master => master != from)]);
        var ids = new Dictionary<RedisNode, string> { [from] = await from.SayAsync("CLUSTER MYID"), [to] = await to.SayAsync("CLUSTER MYID") };

        await to.SayAsync($"CLUSTER SETSLOT {slot} IMPORTING {ids[from]}");
        await from.SayAsync($"CLUSTER SETSLOT {slot} MIGRATING {ids[to]}");
        while (await from.SayAsync($"CLUSTER GETKEYSINSLOT {slot} 100") is { Length: > 0 } keys)
        {
            var names = string.Join(' ', keys.Split('\n').Select(key => $"\"{key}\""));
            var command = string.Create(CultureInfo.InvariantCulture, $"MIGRATE 127.0.0.1 {to.Port} \"\" 0 10000 KEYS {names}");
            await Poll.UntilAsync(async () => await from.SayAsync(command) is "OK" or "NOKEY", $"keys of slot {slot} are moved");
        }

        foreach (var node in masters.OrderBy(node => node == to ? 0 : node == from ? 1 : 2))
        {
            await node.SayAsync($"CLUSTER SETSLOT {slot} NODE {ids[to]}");
        }
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
