using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>What the store was made with. A store of a newer version, or with another number of partitions, would be read wrongly, so it
/// is refused.</summary>
internal sealed class StoreSchema(StoreConnection store)
{
    public const int Version = 1;

    private static readonly StoreScript Open = new("store-open-1");

    private Task? _checked;

    /// <summary>Writes the schema into an empty store, or compares with what is there. Costs nothing after the first success.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    /// <exception cref="StoreFormatException">The store was made by a newer version or with other partitions.</exception>
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
