using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Moving;

/// <summary>Copies a store that nobody writes to into another, key by key, reads all of it back, and only then lets hosts onto the copy.</summary>
/// <remarks>While it lasts the copy's schema is a marker that hosts refuse. Each key is a call of its own, so that none crosses the slots of a cluster; at
/// most 128 are under way, each with a page of its values.</remarks>
internal sealed class StoreMove(IConnectionMultiplexer from, IConnectionMultiplexer to, StoreKeys keys, TimeProvider time)
{
    private const int KeysAtOnce = 128;

    private readonly StoreSide _source = new(from, keys);
    private readonly StoreSide _target = new(to, keys);

    public MoveProgress Progress { get; } = new();

    /// <param name="resume">Goes on with a move that was broken off: what is there already is not written again, and what has no original any more is dropped.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="MoveException">There is nothing to copy, or the target is in use.</exception>
    /// <exception cref="RedisException">A store did not answer, or refused.</exception>
    public async Task<MoveResult> RunAsync(bool resume, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var schema = await _source.Database.HashGetAllAsync(keys.Meta);
        if (schema.Length == 0)
        {
            throw new MoveException("The folder holds no store under this key prefix. Name another folder with --data, or the prefix in DubClerk__KeyPrefix.");
        }

        await ClaimTargetAsync(resume);
        var dropped = resume ? await DropAsync(cancellationToken) : 0;
        var written = await CopyAsync(resume, cancellationToken);
        var (types, differences) = await new CopyCheck(_source, _target, keys, Progress).RunAsync(KeysAtOnce, cancellationToken);
        if (differences.Count == 0)
        {
            await OpenTargetAsync(schema);
        }

        return new MoveResult(differences.Count == 0, written, dropped, types, differences, Math.Round(time.GetElapsedTime(started).TotalSeconds, 1));
    }

    private async Task ClaimTargetAsync(bool resume)
    {
        var schema = (await _target.Database.HashGetAllAsync(keys.Meta, CommandFlags.DemandMaster)).ToDictionary(field => (string)field.Name!);
        if (schema.ContainsKey(StoreSchema.Moving))
        {
            if (!resume)
            {
                throw new MoveException("A move into this target was broken off. Go on with --resume.");
            }

            return;
        }

        if (schema.Count > 0 || await _target.KeysAsync().AnyAsync())
        {
            throw new MoveException("The target holds keys of this prefix already, and not from a move that was broken off. Empty it, name another, or use another DubClerk__KeyPrefix.");
        }

        // Only if no host has come in the meantime.
        var claim = _target.Database.CreateTransaction();
        claim.AddCondition(Condition.KeyNotExists(keys.Meta));
        _ = claim.HashSetAsync(keys.Meta, StoreSchema.Moving, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (!await claim.ExecuteAsync())
        {
            throw new MoveException("A host has started on the target. Stop it, and empty the target.");
        }
    }

    /// <summary>What an earlier attempt copied and its original has lost since.</summary>
    private async Task<long> DropAsync(CancellationToken cancellationToken)
    {
        Progress.Begin("Looking at what is there");
        long dropped = 0;
        await ForEachKeyAsync(_target, async key =>
        {
            if (!await _source.Database.KeyExistsAsync(key) && await _target.Database.KeyDeleteAsync(key))
            {
                Interlocked.Increment(ref dropped);
            }
        }, cancellationToken);
        return dropped;
    }

    private async Task<long> CopyAsync(bool resume, CancellationToken cancellationToken)
    {
        Progress.Begin("Copying");
        var copier = new KeyCopier(_source, _target);
        var comparison = new KeyComparison(_source, _target);
        long written = 0;
        await ForEachKeyAsync(_source, async key =>
        {
            var facts = await _source.FactsAsync(key);
            if (facts.Type != RedisType.None && (!resume || await comparison.CompareAsync(key, facts) is not (null, _)))
            {
                await copier.CopyAsync(key, facts);
                Interlocked.Increment(ref written);
            }
        }, cancellationToken);
        return written;
    }

    private async Task OpenTargetAsync(HashEntry[] schema)
    {
        var opening = _target.Database.CreateTransaction();
        opening.AddCondition(Condition.HashExists(keys.Meta, StoreSchema.Moving));
        _ = opening.HashSetAsync(keys.Meta, schema);
        _ = opening.HashDeleteAsync(keys.Meta, StoreSchema.Moving);
        if (!await opening.ExecuteAsync())
        {
            throw new MoveException("Somebody else has written to the target meanwhile. Empty it, and move again.");
        }
    }

    private Task ForEachKeyAsync(StoreSide side, Func<RedisKey, Task> act, CancellationToken cancellationToken)
        => Parallel.ForEachAsync(side.KeysAsync(), new ParallelOptions { MaxDegreeOfParallelism = KeysAtOnce, CancellationToken = cancellationToken }, async (key, _) =>
        {
            await act(key);
            Progress.Count();
        });
}
