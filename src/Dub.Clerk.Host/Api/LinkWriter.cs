using Dub.Clerk.Conversions;

namespace Dub.Clerk.Host.Api;

/// <summary>Creates and changes links, and says in Dub's words why it did not.</summary>
internal sealed class LinkWriter(LinkStore links, LinkDefaults defaults, HostOptions options, TimeProvider time)
{
    private const string ExternalPrefix = "ext_";

    /// <summary>How often a key is drawn before its length is taken to be used up.</summary>
    private const int Draws = 20;

    /// <summary>How long an upsert waits for another one to the same target, and how often it looks.</summary>
    private const int UpsertAttempts = 200;
    private static readonly TimeSpan UpsertPause = TimeSpan.FromMilliseconds(25);

    /// <exception cref="Store.StoreException">The store did not answer.</exception>
    public async Task<(Link? Link, DubFault? Fault)> CreateAsync(LinkInput input)
    {
        var trackConversion = await defaults.TrackConversionAsync();

        // A random key that is taken is drawn again; one that was asked for is a conflict.
        for (var draw = 1; ; draw++)
        {
            var link = input.Create(options, trackConversion, time.GetUtcNow());
            var outcome = await links.CreateAsync(link);
            if (outcome == LinkOutcome.Written)
            {
                return (link, null);
            }

            if (outcome != LinkOutcome.KeyTaken || !input.DrawsKey || draw == Draws)
            {
                return (null, FaultOf(outcome));
            }
        }
    }

    /// <exception cref="Store.StoreException">The store did not answer.</exception>
    public async Task<(Link? Link, DubFault? Fault)> UpdateAsync(string linkId, LinkInput input)
    {
        var (outcome, link) = await links.UpdateAsync(linkId, before => input.Apply(before, time.GetUtcNow()));
        return link is null ? (null, FaultOf(outcome)) : (link, null);
    }

    /// <summary>Changes the link that leads to this target, or creates it where there is none: one, whoever asks for it at the same time.</summary>
    /// <exception cref="Store.StoreException">The store did not answer.</exception>
    public async Task<(Link? Link, DubFault? Fault)> UpsertAsync(LinkInput input, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < UpsertAttempts; attempt++)
        {
            if (await links.FindByTargetAsync(input.Target) is { } found)
            {
                return await UpdateAsync(found.Id, input);
            }

            if (await links.TryEnterUpsertAsync(input.Target) is { } turn)
            {
                await using (turn)
                {
                    return await links.FindByTargetAsync(input.Target) is { } meanwhile ? await UpdateAsync(meanwhile.Id, input) : await CreateAsync(input);
                }
            }

            await Task.Delay(UpsertPause, time, cancellationToken);
        }

        return (null, DubErrors.Conflict("Another request is creating a link to this URL. Try again."));
    }

    /// <summary>By the link's id, or by <c>ext_</c> and its external id.</summary>
    /// <exception cref="Store.StoreException">The store did not answer.</exception>
    public Task<Link?> FindAsync(string idOrExternalId)
        => idOrExternalId.StartsWith(ExternalPrefix, StringComparison.Ordinal)
            ? links.FindByExternalIdAsync(idOrExternalId[ExternalPrefix.Length..])
            : links.FindByIdAsync(idOrExternalId);

    private static DubFault FaultOf(LinkOutcome outcome) => outcome switch
    {
        LinkOutcome.NotFound => DubErrors.NotFound("Link not found."),
        LinkOutcome.ExternalIdTaken => DubErrors.Conflict("A link with this externalId already exists in this workspace."),
        _ => DubErrors.Conflict("Duplicate key: This short link already exists."),
    };
}
