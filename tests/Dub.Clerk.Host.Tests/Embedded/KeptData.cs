using StackExchange.Redis;

namespace Dub.Clerk.Host.Tests.Embedded;

/// <summary>What must be there afterwards as it was, of each kind of key.</summary>
internal static class KeptData
{
    private const int Collections = 100;

    public static Task WriteAsync(IDatabase database, int count) => Task.WhenAll(Enumerable.Range(0, count).SelectMany(i => new Task[]
    {
        database.StringSetAsync($"kept:string:{i}", TextOf(i), i % 2 == 0 ? TimeSpan.FromDays(1) : default(Expiration)),
        database.HashSetAsync($"kept:hash:{i}", [new("a", i), new("b", TextOf(i))]),
        database.SortedSetAddAsync($"kept:zset:{i % Collections}", $"m{i}", i),
        database.ListRightPushAsync($"kept:list:{i % Collections}", i),
    }));

    public static async Task CheckAsync(IDatabase database, int count)
    {
        await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            Assert.Equal(TextOf(i), await database.StringGetAsync($"kept:string:{i}"));
            Assert.Equal(i % 2 == 0, await database.KeyTimeToLiveAsync($"kept:string:{i}") is not null);
            Assert.Equal<RedisValue>([i, TextOf(i)], await database.HashGetAsync($"kept:hash:{i}", ["a", "b"]));
            Assert.Equal(i, await database.SortedSetScoreAsync($"kept:zset:{i % Collections}", $"m{i}"));
        }));
        for (var i = 0; i < Collections; i++)
        {
            Assert.Equal(
                Enumerable.Range(0, count).Where(n => n % Collections == i), (await database.ListRangeAsync($"kept:list:{i}")).Select(value => (int)value));
        }
    }

    private static RedisValue TextOf(int i) => new string((char)('a' + (i % 26)), 1 + (i * 7 % 5_000));
}
