using System.Text;
using StackExchange.Redis;

namespace Dub.Clerk.Testing;

/// <summary>Looks through everything in a store.</summary>
internal static class StoreScan
{
    /// <summary>The keys in which any of the marks stands, in the key or in what it holds, and which.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(IConnectionMultiplexer connection, params IReadOnlyCollection<string> marks)
    {
        var found = new List<string>();
        var database = connection.GetDatabase();
        foreach (var server in connection.GetServers().Where(server => !server.IsReplica))
        {
            await foreach (var key in server.KeysAsync(pageSize: 1000))
            {
                var texts = (await ReadAsync(database, key)).Prepend((byte[])key!).ToList();
                found.AddRange(marks.Where(mark => texts.Exists(text => text.AsSpan().IndexOf(Encoding.UTF8.GetBytes(mark)) >= 0)).Select(mark => $"{key}: {mark}"));
            }
        }

        return found;
    }

    private static async Task<IEnumerable<byte[]>> ReadAsync(IDatabase database, RedisKey key) => await database.KeyTypeAsync(key) switch
    {
        RedisType.String => [(byte[]?)await database.StringGetAsync(key) ?? []],
        RedisType.Hash => (await database.HashGetAllAsync(key)).SelectMany(field => new[] { (byte[])field.Name!, (byte[])field.Value! }),
        RedisType.SortedSet => (await database.SortedSetRangeByRankAsync(key)).Select(member => (byte[])member!),
        RedisType.List => (await database.ListRangeAsync(key)).Select(item => (byte[])item!),
        RedisType.None => [],
        var other => throw new InvalidOperationException($"The store holds a {other}, which nothing of ours writes."),
    };
}
