using System.Collections.Concurrent;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Moving;

/// <summary>Whether a copy is its original: every key, every value, every expiry, and nothing else.</summary>
/// <remarks>Keys that expire within seconds count for nothing: they may be gone on one side before they are looked at.</remarks>
internal sealed class CopyCheck(StoreSide source, StoreSide target, StoreKeys keys, MoveProgress progress)
{
    private readonly ConcurrentDictionary<RedisType, (long Source, long Target, long Values)> _types = new();
    private readonly ConcurrentDictionary<(string Kind, CopyFault Fault), long> _differences = new();

    public async Task<(IReadOnlyList<MovedType> Types, IReadOnlyList<CopyDifference> Differences)> RunAsync(int keysAtOnce, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = keysAtOnce, CancellationToken = cancellationToken };
        progress.Begin("Reading back");
        var comparison = new KeyComparison(source, target);
        await Parallel.ForEachAsync(source.KeysAsync(), options, (key, _) => CompareAsync(comparison, key));
        progress.Begin("Looking for what does not belong");
        await Parallel.ForEachAsync(target.KeysAsync(), options, (key, _) => FindOriginalAsync(key));
        return (
            [.. _types.OrderBy(type => type.Key).Select(type => new MovedType(type.Key.ToString().ToLowerInvariant(), type.Value.Source, type.Value.Target, type.Value.Values))],
            [.. _differences.OrderBy(one => one.Key).Select(one => new CopyDifference(one.Key.Kind, one.Key.Fault, one.Value))]);
    }

    private async ValueTask CompareAsync(KeyComparison comparison, RedisKey key)
    {
        progress.Count();
        var original = await source.FactsAsync(key);
        if (original.IsLapsing)
        {
            return;
        }

        var (fault, values) = await comparison.CompareAsync(key, original);
        Add(original.Type, 1, fault is CopyFault.Missing or CopyFault.Type ? 0 : 1, values);
        if (fault is { } differs)
        {
            Add(key, differs);
        }
    }

    private async ValueTask FindOriginalAsync(RedisKey key)
    {
        progress.Count();
        if (await source.Database.KeyExistsAsync(key))
        {
            return;
        }

        var copy = await target.FactsAsync(key);
        if (!copy.IsLapsing)
        {
            Add(copy.Type, 0, 1, 0);
            Add(key, CopyFault.Extra);
        }
    }

    private void Add(RedisType type, int inSource, int inTarget, long values)
        => _types.AddOrUpdate(type, (inSource, inTarget, values), (_, sum) => (sum.Source + inSource, sum.Target + inTarget, sum.Values + values));

    private void Add(RedisKey key, CopyFault fault) => _differences.AddOrUpdate((keys.KindOf(key), fault), 1, (_, sum) => sum + 1);
}
