using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>Who was erased, so that a late delivery, or a token that is still good, does not bring them back. A tombstone is named by a hash keyed with
/// a secret of the store's own: it answers whether somebody was erased, and tells nobody who was.</summary>
/// <remarks>It shares the slot of all that is kept under the same external id, and every script that would begin to keep something looks for it.</remarks>
internal sealed class Tombstones(StoreConnection store)
{
    /// <summary>Longer than Clerk delivers, tokens live and operators replay.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(90);

    private const int SecretLength = 32;

    private byte[]? _secret;

    /// <summary>Where the tombstone of somebody is, or would be.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public ValueTask<RedisKey> KeyAsync(string externalId)
        => _secret is { } secret ? ValueTask.FromResult(Key(externalId, secret)) : ReadAsync(externalId);

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> ExistsAsync(string externalId)
    {
        var key = await KeyAsync(externalId);
        return await store.RunAsync(static (database, key) => database.KeyExistsAsync(key, CommandFlags.DemandMaster), key);
    }

    /// <summary>Sets a tombstone, or sets it anew.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task SetAsync(string externalId, DateTimeOffset now)
        => await store.WriteAsync("SET", await KeyAsync(externalId), now.ToUnixTimeMilliseconds(), "PX", (long)Retention.TotalMilliseconds);

    /// <summary>A name for somebody that tells nobody who it is.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<string> PseudonymAsync(string externalId)
    {
        await KeyAsync(externalId);
        return Hash(externalId, _secret!);
    }

    private async ValueTask<RedisKey> ReadAsync(string externalId)
    {
        // Whoever comes first makes it, for all.
        await store.WriteAsync("SET", store.Keys.TombstoneSecret, RandomNumberGenerator.GetBytes(SecretLength), "NX");
        _secret = (byte[])(await store.RunAsync(static (database, key) => database.StringGetAsync(key, CommandFlags.DemandMaster), store.Keys.TombstoneSecret))!;
        return Key(externalId, _secret);
    }

    private RedisKey Key(string externalId, byte[] secret) => store.Keys.Tombstone(externalId, Hash(externalId, secret));

    private static string Hash(string externalId, byte[] secret)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(externalId), hash);
        return Convert.ToHexStringLower(hash[..16]);
    }
}
