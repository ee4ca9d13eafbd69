using StackExchange.Redis;

namespace Dub.Clerk.Host.Moving;

/// <summary>Writes one key anew, whatever was there before. <c>DUMP</c> would be quicker, but servers of different make do not read each other's.</summary>
internal sealed class KeyCopier(StoreSide source, StoreSide target)
{
    /// <exception cref="MoveException">The key is of a type that the store does not use.</exception>
    public async Task CopyAsync(RedisKey key, KeyFacts facts)
    {
        if (facts.Type == RedisType.String)
        {
            await CopyStringAsync(key, facts.TimeToLive);
            return;
        }

        await target.Database.KeyDeleteAsync(key);
        await CopyValuesAsync(key, facts.Type);
        if (facts.TimeToLive is null)
        {
            return;
        }

        // Asked again, because a large key takes its time.
        if ((await source.FactsAsync(key)).TimeToLive is { } left)
        {
            await target.Database.KeyExpireAsync(key, Positive(left));
        }
        else
        {
            await target.Database.KeyDeleteAsync(key);
        }
    }

    private static TimeSpan Positive(TimeSpan left) => left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);

    private async Task CopyStringAsync(RedisKey key, TimeSpan? left)
    {
        var value = await source.Database.StringGetAsync(key);
        if (!value.IsNull)
        {
            await target.Database.StringSetAsync(key, value, left is { } expiry ? new Expiration(Positive(expiry)) : Expiration.Default);
        }
    }

    private async Task CopyValuesAsync(RedisKey key, RedisType type)
    {
        switch (type)
        {
            case RedisType.Hash:
                await foreach (var page in source.HashAsync(key))
                {
                    await target.Database.HashSetAsync(key, page);
                }

                break;
            case RedisType.SortedSet:
                await foreach (var page in source.SortedSetAsync(key))
                {
                    await target.Database.SortedSetAddAsync(key, page);
                }

                break;
            case RedisType.Set:
                await foreach (var page in source.SetAsync(key))
                {
                    await target.Database.SetAddAsync(key, page);
                }

                break;
            case RedisType.List:
                await foreach (var page in source.ListAsync(key))
                {
                    await target.Database.ListRightPushAsync(key, page);
                }

                break;
            default:
                throw new MoveException($"There is a key of the type {type}, which Dub.Clerk does not use and cannot copy.");
        }
    }
}
