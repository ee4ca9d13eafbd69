using System.Collections.Concurrent;
using System.Net;
using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>Writes that count only once so many replicas of their master have them.</summary>
/// <remarks><c>WAIT</c> holds up everything behind it, so these have connections of their own. It speaks of what was written over the same connection
/// to the same master and of nothing else, so writes go in groups (<see cref="ReplicatedGroup"/>), one at a time to each master: whatever comes
/// while a group is on its way is the next one.</remarks>
/// <param name="connection">Used for nothing else.</param>
/// <param name="replicas">How many.</param>
internal sealed class ReplicatedWrites(ConnectionMultiplexer connection, int replicas)
{
    /// <summary>How long a group may take: with a master that hangs, its callers learn so soon.</summary>
    private static readonly TimeSpan GroupTimeout = 3 * ReplicatedGroup.Patience;

    /// <summary>How long a slot that has moved is followed: as long as a failover or a reshard takes to be known.</summary>
    private static readonly TimeSpan FollowFor = TimeSpan.FromSeconds(2);

    /// <summary>Between two looks.</summary>
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<EndPoint, Lane> _lanes = new();

    /// <summary>Runs a command that writes, and waits until the replicas have what it wrote.</summary>
    /// <exception cref="StoreException">It did not run, or too few replicas have it. Then it may count all the same.</exception>
    /// <exception cref="RedisException">The server refused the command.</exception>
    public async Task<RedisResult> RunAsync(RedisKey key, string command, object[] arguments)
    {
        var started = Environment.TickCount64;
        while (true)
        {
            try
            {
                var server = MasterOf(key);
                var lane = _lanes.GetOrAdd(server.EndPoint, static (endPoint, writes) => writes.NewLane(endPoint), this);
                return await lane.RunAsync(new ReplicatedWrite(command, arguments));
            }
            catch (RedisException e) when (IsRedirection(e) && Environment.TickCount64 - started < FollowFor.TotalMilliseconds)
            {
                // Another master has the slot, and the client finds out which. The server did nothing, so the other one may be asked.
                await Task.Delay(FollowInterval);
            }
        }
    }

    /// <summary>What the connection needs.</summary>
    public static void Configure(ConfigurationOptions configuration, string connectionString)
    {
        configuration.ClientName += ".Writes";
        configuration.AsyncTimeout = (int)GroupTimeout.TotalMilliseconds;
    }

    /// <summary>Answers by which a server says that a command is not for it. Redirections are not followed by the client, because then the write and
    /// the <c>WAIT</c> would go to different masters; it puts them into words of its own.</summary>
    private static bool IsRedirection(RedisException e)
        => e is RedisServerException && (e.Message.Contains("MOVED", StringComparison.Ordinal) || e.Message.Contains("hashslot", StringComparison.Ordinal));

    private IServer MasterOf(RedisKey key)
    {
        try
        {
            return connection.GetServer(key, flags: CommandFlags.DemandMaster);
        }
        catch (InvalidOperationException e)
        {
            throw new StoreException("There is no connection to a master that has the key.", e);
        }
    }

    private Lane NewLane(EndPoint endPoint) => new(connection.GetServer(endPoint), replicas);

    /// <summary>The way to one master.</summary>
    private sealed class Lane(IServer server, int replicas)
    {
        private readonly Lock _changing = new();
        private List<ReplicatedWrite> _waiting = [];
        private bool _running;

        public Task<RedisResult> RunAsync(ReplicatedWrite write)
        {
            lock (_changing)
            {
                _waiting.Add(write);
                if (!_running)
                {
                    _running = true;
                    _ = Task.Run(RunGroupsAsync);
                }
            }

            return write.Result;
        }

        private async Task RunGroupsAsync()
        {
            while (true)
            {
                List<ReplicatedWrite> group;
                lock (_changing)
                {
                    if (_waiting.Count == 0)
                    {
                        _running = false;
                        return;
                    }

                    (group, _waiting) = (_waiting, []);
                }

                await ReplicatedGroup.RunAsync(server, group, replicas);
            }
        }
    }
}
