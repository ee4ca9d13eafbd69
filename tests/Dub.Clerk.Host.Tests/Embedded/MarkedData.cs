using System.Text;
using Dub.Clerk.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Tests.Embedded;

/// <summary>What is to be forgotten: a text in keys, fields, members and values of each kind and several sizes.</summary>
internal static class MarkedData
{
    private const string Mark = "ERASED-zoë@example.org";

    // In the record itself, in one of its own on the heap, and over several pages.
    private static readonly int[] Sizes = [10, 3_000, 2_000_000];

    public static Task WriteAsync(IDatabase database) => WriteAsync(database, Sizes);

    public static Task DropAsync(IDatabase database) => DropAsync(database, Sizes);

    public static async Task WriteAsync(IDatabase database, IReadOnlyList<int> sizes)
    {
        foreach (var size in sizes)
        {
            var text = Text(size);
            await database.StringSetAsync($"{Mark}:string:{size}", text);
            await database.StringSetAsync($"replaced:{size}", text);
            await database.StringSetAsync($"shrunk:{size}", text);
            await database.StringSetAsync($"expired:{Mark}:{size}", text, TimeSpan.FromMilliseconds(200));
            await database.StringSetAsync($"{Mark}:grown:{size}", Mark);
            await database.StringAppendAsync($"{Mark}:grown:{size}", text);
            await database.HashSetAsync($"{Mark}:hash:{size}", [new(Mark, text), new("other", text)]);
            await database.HashSetAsync($"hash:{size}", [new(Mark, text), new("replaced", text), new("kept", "kept")]);
            await database.SortedSetAddAsync($"{Mark}:zset:{size}", text, 1);
            await database.SortedSetAddAsync($"zset:{size}", [new(text, 1), new("kept", 2)]);
            await database.ListRightPushAsync($"{Mark}:list:{size}", [text, text]);
            await database.ListRightPushAsync($"list:{size}", ["kept", text]);
            await database.ScriptEvaluateAsync("redis.call('SET', KEYS[1], ARGV[1]); redis.call('HSET', KEYS[2], 'a', ARGV[1])", [$"{Mark}:script", "script"], [text]);
        }
    }

    public static async Task DropAsync(IDatabase database, IReadOnlyList<int> sizes)
    {
        foreach (var size in sizes)
        {
            var text = Text(size);
            await database.KeyDeleteAsync(
                [$"{Mark}:string:{size}", $"{Mark}:grown:{size}", $"{Mark}:hash:{size}", $"{Mark}:zset:{size}", $"{Mark}:list:{size}", $"{Mark}:script"]);
            await database.StringSetAsync($"replaced:{size}", new string('x', text.Length));
            await database.StringSetAsync($"shrunk:{size}", "x");
            await database.HashDeleteAsync($"hash:{size}", Mark);
            await database.HashSetAsync($"hash:{size}", "replaced", "x");
            await database.SortedSetRemoveAsync($"zset:{size}", text);
            await database.ListRemoveAsync($"list:{size}", text);
            await database.HashSetAsync("script", "a", "x");
            await Poll.UntilAsync(async () => !await database.KeyExistsAsync($"expired:{Mark}:{size}"), "a key has expired");
        }
    }

    /// <summary>The files that hold the text.</summary>
    public static IReadOnlyList<string> FilesIn(string folder) => FileScan.Find(folder, Mark, Mark.Split('@')[0]);

    private static string Text(int size) => new StringBuilder().Insert(0, Mark, 1 + (size / Mark.Length)).ToString();
}
