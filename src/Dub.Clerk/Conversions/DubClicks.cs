using Dub.Clerk.Dub;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;

namespace Dub.Clerk.Conversions;

/// <summary>Asks Dub about a click that nobody recorded here: where the links are Dub's, that is every click.</summary>
internal sealed class DubClicks(DubClient dub, OutboxDestinations destinations, TimeProvider time)
{
    /// <summary>How long somebody who reports a lead waits for Dub.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="clickId">The click.</param>
    /// <param name="home">Whose it is said to be: Dub creates the customer.</param>
    /// <param name="lead">The lead to be credited to it.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The click, or why there is none: <see cref="ConversionOutcome.UnknownClick"/> or <see cref="ConversionOutcome.DubAway"/>.</returns>
    public async Task<(Click? Click, ConversionOutcome? Refusal)> AskAsync(string clickId, string home, Lead lead, CancellationToken cancellationToken)
    {
        if (!ClickId.IsValid(clickId) || !destinations.IsServedHere(OutboxDestination.Dub))
        {
            return (null, ConversionOutcome.UnknownClick);
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var reply = await AskAsync(
                new DubLead
                {
                    ClickId = clickId,
                    EventName = lead.EventName,
                    CustomerExternalId = home,
                    CustomerName = lead.CustomerName,
                    CustomerEmail = lead.CustomerEmail,
                    CustomerAvatar = lead.CustomerAvatar,
                },
                either.Token);
            return reply switch
            {
                // When it was made is not said.
                { Outcome: DubOutcome.Accepted, Link: { } link } => (
                    new Click { Id = clickId, Timestamp = time.GetUtcNow(), LinkId = link.Id, Domain = link.Domain, Key = link.Key, Url = link.Url ?? string.Empty, FromDub = true },
                    null),
                { Outcome: DubOutcome.NotFound or DubOutcome.Refused or DubOutcome.FieldRefused } => (null, ConversionOutcome.UnknownClick),
                _ => (null, ConversionOutcome.DubAway),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, ConversionOutcome.DubAway);
        }
    }

    private async Task<DubReply> AskAsync(DubLead lead, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reply = await dub.DeferLeadAsync(lead, cancellationToken);
            if (reply.Outcome != DubOutcome.FieldRefused || lead.Without.Contains(reply.Field!))
            {
                return reply;
            }

            lead = lead with { Without = [.. lead.Without, reply.Field!] };
        }
    }
}
