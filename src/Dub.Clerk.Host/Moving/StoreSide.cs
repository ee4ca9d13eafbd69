using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Moving;

/// <summary>One of the two stores of a move: its keys, a page at a time, wherever they are.</summary>
internal sealed class StoreSide(IConnectionMultiplexer connection, StoreKeys keys)
{
    /// <summary>How many keys, or values of a key, are asked for at once.</summary>
    private const int Page = 500;

    public IDatabase Database { get; } = connection.GetDatabase();

    /// <summary>Every key of ours but that of the schema. One that is written meanwhile may be missing, and any may come twice.</summary>
    /// <exception cref="MoveException">Some cannot be seen.</exception>
    public async IAsyncEnumerable<RedisKey> KeysAsync()
    {
        foreach (var master in Masters())
        {
            await foreach (var key in master.KeysAsync(Database.Database, keys.Pattern, Page))
            {
                if (key != keys.Meta)
                {
                    yield return key;
                }
            }
        }
    }

    public async Task<KeyFacts> FactsAsync(RedisKey key)
    {
        var type = Database.KeyTypeAsync(key, CommandFlags.DemandMaster);
        var timeToLive = Database.KeyTimeToLiveAsync(key, CommandFlags.DemandMaster);
        return new KeyFacts(await type, await timeToLive);
    }

    public IAsyncEnumerable<HashEntry[]> HashAsync(RedisKey key) => Database.HashScanAsync(key, pageSize: Page).Chunk(Page);

    public IAsyncEnumerable<RedisValue[]> SetAsync(RedisKey key) => Database.SetScanAsync(key, pageSize: Page).Chunk(Page);

    public IAsyncEnumerable<SortedSetEntry[]> SortedSetAsync(RedisKey key)
        => PagesAsync(from => Database.SortedSetRangeByRankWithScoresAsync(key, from, from + Page - 1, flags: CommandFlags.DemandMaster));

    public IAsyncEnumerable<RedisValue[]> ListAsync(RedisKey key)
        => PagesAsync(from => Database.ListRangeAsync(key, from, from + Page - 1, CommandFlags.DemandMaster));

    private static async IAsyncEnumerable<T[]> PagesAsync<T>(Func<long, Task<T[]>> read)
    {
        for (long from = 0; await read(from) is { Length: > 0 } page; from += page.Length)
        {
            yield return page;
        }
    }

    private List<IServer> Masters()
    {
        var masters = connection.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }).ToList();
        if (masters.Find(server => server.ServerType == ServerType.Cluster)?.ClusterConfiguration is { } cluster)
        {
            masters = [.. cluster.Nodes.Where(known => known is { IsReplica: false, Slots.Count: > 0, EndPoint: not null }).Select(known => connection.GetServer(known.EndPoint!))];
        }

        return masters.Count > 0 && masters.TrueForAll(master => master.IsConnected) ? masters : throw new MoveException("Not every master of the target can be reached.");
    }
}

/// <summary>What a key is, and how long it stays; null for ever.</summary>
internal readonly record struct KeyFacts(RedisType Type, TimeSpan? TimeToLive)
{
    /// <summary>How much later a copy may expire than its original: what lies between two questions.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    /// <summary>Whether it is gone, or will be before anybody could compare it.</summary>
    public bool IsLapsing => Type == RedisType.None || TimeToLive < Slack;

    public bool ExpiresWith(KeyFacts other)
        => TimeToLive is { } here && other.TimeToLive is { } there ? (here - there).Duration() < Slack : TimeToLive is null && other.TimeToLive is null;
}
