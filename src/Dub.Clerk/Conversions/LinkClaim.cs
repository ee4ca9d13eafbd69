using System.Security.Cryptography;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Something only one link may have: a name, or an external id. The claim lies on another slot than the link, so it is taken before the
/// link is written and released after it is gone. What a crash leaves between is a claim by a link that does not hold what it claims: it leads
/// nowhere, and whoever wants it next takes it over. Before that, the absent owner is fenced (<c>link-fence-1</c>), so that it fails if it is
/// only slow.</summary>
internal sealed class LinkClaim(StoreConnection store, RedisKey key, string field, string value)
{
    private const int Attempts = 8;
    private const int TokenLength = 8;

    /// <summary>How long a link that was given up before it was written cannot be written: longer than any request.</summary>
    private static readonly TimeSpan FenceRetention = TimeSpan.FromDays(1);

    private static readonly StoreScript Fence = new("link-fence-1");
    private static readonly StoreScript Take = new("claim-take-1");
    private static readonly StoreScript Release = new("claim-release-1");

    public static LinkClaim OfName(StoreConnection store, string name) => new(store, store.Keys.LinkName(name), "name", name);

    public static LinkClaim OfExternalId(StoreConnection store, string externalId)
        => new(store, store.Keys.LinkExternalId(externalId), "external_id", externalId);

    /// <summary>The link that a claim names.</summary>
    public static string OwnerOf(string claim) => claim.Split(' ', 2)[0];

    /// <summary>Takes the claim for a link. Each taking writes another token, so that a release of an earlier one does not undo it.</summary>
    /// <returns>What the claim now says; null when another link holds it.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<string?> TakeAsync(string linkId)
    {
        var claim = $"{linkId} {RandomNumberGenerator.GetHexString(TokenLength)}";
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (!(await store.WriteAsync("SET", key, claim, "NX")).IsNull)
            {
                return claim;
            }

            if (await ReadAsync() is not { } found)
            {
                continue;
            }

            var owner = OwnerOf(found);
            if (owner != linkId && await IsHeldAsync(owner))
            {
                return null;
            }

            if ((int)await Take.RunAsync(store, [key], [found, claim]) == 1)
            {
                return claim;
            }
        }

        return null;
    }

    /// <summary>What the claim says; null when nobody has it.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<string?> ReadAsync() => await store.RunAsync(database => database.StringGetAsync(key, flags: CommandFlags.DemandMaster));

    /// <summary>Releases the claim unless its link holds it after all, or it was taken again.</summary>
    /// <param name="claim">What it said when it was taken, or read before the link changed.</param>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task ReleaseAsync(string claim)
    {
        if (!await IsHeldAsync(OwnerOf(claim)))
        {
            await Release.RunAsync(store, [key], [claim]);
        }
    }

    private async Task<bool> IsHeldAsync(string linkId)
        => (int)await Fence.RunAsync(store, [store.Keys.Link(linkId)], [field, value, (long)FenceRetention.TotalMilliseconds]) == 1;
}
