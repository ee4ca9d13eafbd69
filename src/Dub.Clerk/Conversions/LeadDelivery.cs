using Dub.Clerk.Dub;
using Dub.Clerk.Outbox;

namespace Dub.Clerk.Conversions;

/// <summary>Brings a lead to Dub exactly once, through everything that may fail on the way.</summary>
/// <remarks>Dub takes a key for (customer, event name) before it records the lead, and keeps it for seven days: a call that fails in between makes
/// every repeat answer 200 with <c>link: null</c>, and record nothing. So the click is proven first, by a call that takes no key; the lead is sent after
/// that; an outcome that is not known is sent again, since a <c>link</c> that is not null says that this call recorded it; and where the key turns out to
/// be taken, the lead is looked for, and sent again when the key has expired if it is not there.</remarks>
internal sealed class LeadDelivery(OutboxStore outbox, DubClient dub, ConversionTracker conversions, TimeProvider time) : IOutboxHandler
{
    /// <summary>Dub takes a while until it knows a click that it has just given out.</summary>
    public static readonly IReadOnlyList<TimeSpan> UnknownClickWaits = [TimeSpan.FromMinutes(5), TimeSpan.FromHours(1)];

    /// <summary>How long Dub keeps the key, and as much more as clocks may differ.</summary>
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromDays(7) + TimeSpan.FromMinutes(10);

    /// <summary>When a lead that may have been recorded is looked for, after it was sent. Dub shows an event some time after it has recorded it; what is
    /// not there after the last is not there.</summary>
    private static readonly TimeSpan[] Looks = [TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1)];

    string IOutboxHandler.Kind => OutboxItem.LeadKind;

    public async Task<OutboxVerdict> HandleAsync(OutboxClaim claim, CancellationToken cancellationToken)
    {
        var state = LeadDeliveryState.Parse(claim.State);
        if (claim.IsConfirmed)
        {
            return Recorded(state.After(time.GetUtcNow(), "webhook", new DubReply(DubOutcome.Accepted, "Dub's webhook lead.created")));
        }

        var customer = await conversions.FindCustomerAsync(state.Lead.CustomerExternalId);
        var hasProgress = false;
        while (true)
        {
            var lead = new DubLead
            {
                ClickId = state.Lead.Click.Id,
                EventName = state.Lead.EventName,
                CustomerExternalId = state.Lead.CustomerExternalId,
                CustomerName = customer?.Name,
                CustomerEmail = customer?.Email,
                CustomerAvatar = customer?.Avatar,
                Metadata = state.Lead.Metadata,
                Quantity = state.Quantity,
                Without = state.Without,
            };
            (state, var verdict) = state.Stage switch
            {
                LeadDeliveryStage.Proving => await ProveAsync(state, lead, cancellationToken),
                LeadDeliveryStage.Sending => await SendAsync(claim, state, lead, cancellationToken),
                _ => await VerifyAsync(state, cancellationToken),
            };
            if (verdict is not null)
            {
                return verdict with { HasProgress = hasProgress || verdict.HasProgress };
            }

            // What was answered led on to the next step.
            hasProgress = true;
        }
    }

    private async Task<(LeadDeliveryState State, OutboxVerdict? Verdict)> ProveAsync(LeadDeliveryState state, DubLead lead, CancellationToken cancellationToken)
    {
        var reply = await dub.DeferLeadAsync(lead, cancellationToken);
        state = state.After(time.GetUtcNow(), "deferred", reply);
        return reply.Outcome switch
        {
            DubOutcome.Accepted => (state with { Stage = LeadDeliveryStage.Sending }, null),
            DubOutcome.NotFound => Unknown(state, reply),
            _ => Otherwise(state, reply),
        };
    }

    private async Task<(LeadDeliveryState State, OutboxVerdict? Verdict)> SendAsync(
        OutboxClaim claim, LeadDeliveryState state, DubLead lead, CancellationToken cancellationToken)
    {
        // Durable before the call: whoever goes on after a crash must know that the key may be taken.
        var (before, sent) = (state.SentAt, state with { SentAt = time.GetUtcNow() });
        if (!await outbox.KeepAsync(claim, sent.ToJson()))
        {
            return (state, OutboxVerdict.Wait(time.GetUtcNow()));
        }

        var reply = await dub.TrackLeadAsync(lead, cancellationToken);
        sent = sent.After(time.GetUtcNow(), "lead", reply);
        switch (reply.Outcome)
        {
            case DubOutcome.Accepted:
                return (sent, Recorded(sent));
            case DubOutcome.Duplicate:
                // Not this call took the key, but the one before; without one, somebody else at a time we do not know.
                return (sent with { SentAt = before ?? sent.SentAt, Stage = LeadDeliveryStage.Verifying }, null);
            case DubOutcome.NotFound:
                return (sent with { Stage = LeadDeliveryStage.Verifying }, null);
            case DubOutcome.Failed:
                return Otherwise(sent, reply);
            default:
                // Refused before Dub came to the key.
                return Otherwise(sent with { SentAt = before }, reply);
        }
    }

    private async Task<(LeadDeliveryState State, OutboxVerdict? Verdict)> VerifyAsync(LeadDeliveryState state, CancellationToken cancellationToken)
    {
        var field = ConversionTracker.LedgerField(state.Lead.EventName);
        var reply = await dub.FindLeadAsync(state.Lead.CustomerExternalId, name => ConversionTracker.LedgerField(name) == field, cancellationToken);
        var now = time.GetUtcNow();
        state = state.After(now, "look-up", reply);
        if (reply.Outcome == DubOutcome.Accepted)
        {
            return (state, Recorded(state));
        }

        if (reply.Outcome == DubOutcome.RateLimited)
        {
            // Looking has a limit of its own, which keeps no lead from being sent.
            return (state, OutboxVerdict.Wait(reply.RetryAt ?? now + Looks[0], reply.Detail, state.ToJson()));
        }

        if (reply.Outcome != DubOutcome.NotFound)
        {
            return Otherwise(state, reply);
        }

        if (state.BurntUntil <= now)
        {
            // From the beginning: what Dub knew of the click then, it may not know now.
            return (state with { Stage = LeadDeliveryStage.Proving, SentAt = null, BurntUntil = null }, null);
        }

        var sentAt = state.SentAt ?? now;
        foreach (var look in Looks)
        {
            if (sentAt + look > now)
            {
                return (state, OutboxVerdict.Again(sentAt + look, "Dub's key for this lead is taken; whether the lead is there is looked for.", state.ToJson()));
            }
        }

        state = state with { Stage = LeadDeliveryStage.Burnt, BurntUntil = sentAt + KeyLifetime };
        return (state, OutboxVerdict.Again(sentAt + KeyLifetime, "Dub's key for this lead is taken and the lead is not there; it is sent again when the key has expired.", state.ToJson()));
    }

    private (LeadDeliveryState State, OutboxVerdict? Verdict) Otherwise(LeadDeliveryState state, DubReply reply)
    {
        if (reply.Outcome == DubOutcome.FieldRefused && !state.Without.Contains(reply.Field!))
        {
            return (state with { Without = [.. state.Without, reply.Field!] }, null);
        }

        return reply.Outcome is DubOutcome.Refused or DubOutcome.FieldRefused
            ? Refuse(state, reply)
            : (state, DubVerdict.Of(reply, time.GetUtcNow(), state.ToJson()));
    }

    private (LeadDeliveryState State, OutboxVerdict Verdict) Unknown(LeadDeliveryState state, DubReply reply)
    {
        state = state with { Unknown = state.Unknown + 1 };
        return state.Unknown <= UnknownClickWaits.Count
            ? (state, OutboxVerdict.Again(time.GetUtcNow() + UnknownClickWaits[state.Unknown - 1], reply.Detail, state.ToJson()))
            : Refuse(state, reply);
    }

    private static (LeadDeliveryState State, OutboxVerdict Verdict) Refuse(LeadDeliveryState state, DubReply reply)
    {
        state = state with { Stage = LeadDeliveryStage.Refused };
        return (state, OutboxVerdict.Dead(reply.Detail, state.ToJson()));
    }

    private static OutboxVerdict Recorded(LeadDeliveryState state) => OutboxVerdict.Done((state with { Stage = LeadDeliveryStage.Recorded }).ToJson());
}
