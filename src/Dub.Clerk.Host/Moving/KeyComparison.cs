using StackExchange.Redis;

namespace Dub.Clerk.Host.Moving;

/// <summary>Reads a key back and compares it with its original, value by value.</summary>
internal sealed class KeyComparison(StoreSide source, StoreSide target)
{
    /// <returns>How the copy differs, null when it does not, and how many values the original holds.</returns>
    public async Task<(CopyFault? Fault, long Values)> CompareAsync(RedisKey key, KeyFacts original)
    {
        var copy = await target.FactsAsync(key);
        if (copy.Type != original.Type)
        {
            return (copy.Type == RedisType.None ? CopyFault.Missing : CopyFault.Type, 0);
        }

        var (same, values) = await CompareValuesAsync(key, original.Type);
        return (!same ? CopyFault.Content : copy.ExpiresWith(original) ? null : CopyFault.Expiry, values);
    }

    private async Task<(bool Same, long Values)> CompareValuesAsync(RedisKey key, RedisType type)
    {
        var (here, there) = (source.Database, target.Database);
        switch (type)
        {
            case RedisType.String:
                var value = here.StringGetAsync(key);
                return (AreSame(await there.StringGetAsync(key, CommandFlags.DemandMaster), await value), 1);
            case RedisType.Hash:
                return await CompareAsync(source.HashAsync(key), here.HashLengthAsync(key), there.HashLengthAsync(key, CommandFlags.DemandMaster), async page =>
                    AreSame(await there.HashGetAsync(key, [.. page.Select(field => field.Name)], CommandFlags.DemandMaster), page.Select(field => field.Value)));
            case RedisType.SortedSet:
                return await CompareAsync(source.SortedSetAsync(key), here.SortedSetLengthAsync(key), there.SortedSetLengthAsync(key, flags: CommandFlags.DemandMaster), async page =>
                    (await there.SortedSetScoresAsync(key, [.. page.Select(member => member.Element)], CommandFlags.DemandMaster)).SequenceEqual(page.Select(member => (double?)member.Score)));
            case RedisType.Set:
                return await CompareAsync(source.SetAsync(key), here.SetLengthAsync(key), there.SetLengthAsync(key, CommandFlags.DemandMaster), async page =>
                    (await there.SetContainsAsync(key, page, CommandFlags.DemandMaster)).All(contained => contained));
            case RedisType.List:
                return await CompareListAsync(key);
            default:
                return (false, 0);
        }
    }

    /// <summary>Both hold as many, and the copy holds each that the original does: then both hold the same.</summary>
    private static async Task<(bool Same, long Values)> CompareAsync<T>(IAsyncEnumerable<T[]> pages, Task<long> length, Task<long> copied, Func<T[], Task<bool>> isIn)
    {
        var values = await length;
        if (await copied != values)
        {
            return (false, values);
        }

        await foreach (var page in pages)
        {
            if (!await isIn(page))
            {
                return (false, values);
            }
        }

        return (true, values);
    }

    private async Task<(bool Same, long Values)> CompareListAsync(RedisKey key)
    {
        await using var copied = target.ListAsync(key).GetAsyncEnumerator();
        long values = 0;
        await foreach (var page in source.ListAsync(key))
        {
            values += page.Length;
            if (!await copied.MoveNextAsync() || !AreSame(copied.Current, page))
            {
                return (false, values);
            }
        }

        return (!await copied.MoveNextAsync(), values);
    }

    private static bool AreSame(RedisValue[] copied, IEnumerable<RedisValue> originals)
        => originals.Count() == copied.Length && originals.Zip(copied).All(pair => AreSame(pair.First, pair.Second));

    /// <summary>Byte for byte: the client's own comparison takes 1.0 for 1.</summary>
    private static bool AreSame(RedisValue one, RedisValue other)
        => one.IsNull == other.IsNull && ((ReadOnlyMemory<byte>)one).Span.SequenceEqual(((ReadOnlyMemory<byte>)other).Span);
}
