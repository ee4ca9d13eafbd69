using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>What the store was made with. A store of a newer version, or with another number of partitions, would be read wrongly, and half a copy
/// has not all that it should, so they are refused.</summary>
internal sealed class StoreSchema(StoreConnection store)
{
    public const int Version = 1;

    /// <summary>The field that stands in place of the schema while a store is copied into another: since when, Unix milliseconds.</summary>
    public const string Moving = "moving";

    private static readonly StoreScript Open = new("store-open-1");

    private Task? _checked;

    /// <summary>Writes the schema into an empty store, or compares with what is there. Costs nothing after the first success.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    /// <exception cref="StoreFormatException">The store was made by a newer version or with other partitions, or is half a copy.</exception>
    public Task CheckAsync()
    {
        var current = _checked;
        if (current is { IsCompletedSuccessfully: true })
        {
            return current;
        }

        return _checked = OpenAsync();
    }

    private async Task OpenAsync()
    {
        var found = (RedisValue[])(await Open.RunAsync(store, [store.Keys.Meta], [Version, StoreKeys.Partitions, StoreKeys.Shards]))!;
        if (!found[3].IsNull)
        {
            throw new StoreFormatException(
                $"The store is half a copy: moving into it began {DateTimeOffset.FromUnixTimeMilliseconds((long)found[3]):u} and is not complete. Run move again with --resume, or use another store or KeyPrefix.");
        }

        var (version, partitions, shards) = ((int)found[0], (int)found[1], (int)found[2]);
        if (version > Version)
        {
            throw new StoreFormatException(
                $"The store was written by a newer version of Dub.Clerk (format {version}, this one knows {Version}). Update Dub.Clerk, or use another store or KeyPrefix.");
        }

        if (partitions != StoreKeys.Partitions || shards != StoreKeys.Shards)
        {
            throw new StoreFormatException(
                $"The store has {partitions} partitions and {shards} shards, this version works with {StoreKeys.Partitions} and {StoreKeys.Shards}. Use another store or KeyPrefix.");
        }
    }
}
