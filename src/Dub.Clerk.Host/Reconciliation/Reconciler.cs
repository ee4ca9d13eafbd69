using Dub.Clerk.Clerk;
using Dub.Clerk.Conversions;
using Dub.Clerk.Dub;
using Dub.Clerk.Outbox;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Reconciliation;

/// <summary>Compares Clerk's users of a period with the ledger and with Dub's leads, and mends what differs.</summary>
internal sealed class Reconciler(
    ClerkClient clerk, DubClient dub, SignUpJoin signUps, ConversionTracker conversions, OutboxStore outbox, OutboxDestinations destinations, TimeProvider time)
{
    /// <summary>A lead that Dub has recorded shows there some time later, and one that we have sent may be on its way back.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromHours(1);

    /// <summary>How often a call that fails is made again before the whole is given up.</summary>
    private const int Attempts = 5;

    /// <exception cref="ReconciliationException">Clerk or Dub did not answer, or refused the key.</exception>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<ReconciliationResult> RunAsync(DateTimeOffset from, DateTimeOffset to, bool repair, CancellationToken cancellationToken)
    {
        var atDub = destinations.IsServedHere(OutboxDestination.Dub) ? await LeadsAtDubAsync(from, cancellationToken) : null;
        var differences = new List<Difference>();
        var (accounts, leads, onTheirWay) = (0, 0, 0);
        for (var offset = 0; ; offset += ClerkClient.MaxPage)
        {
            var page = await AccountsAsync(from, to, offset, cancellationToken);
            foreach (var account in page)
            {
                accounts++;
                var signUp = await signUps.ReadRecordAsync(account.UserId);
                if (signUp?.CreatedAt is null)
                {
                    differences.Add(await MendAsync(account.UserId, DifferenceKind.WebhookMissing, repair, () => signUps.UserCreatedAsync(account, cancellationToken)));
                }
                else if (signUp is { IsTracked: true, LeadId: { } leadId, TrackedClick: { } clickId })
                {
                    leads++;
                    await CompareMetadataAsync(account, clickId, repair, differences);
                    onTheirWay += await CompareLeadAsync(account, leadId, atDub, repair, differences) ? 1 : 0;
                }
                else if (atDub?.Any(lead => lead.Customer == account.UserId) == true && !signUp.IsProving)
                {
                    differences.Add(new Difference(account.UserId, DifferenceKind.OnlyAtDub, Repaired: false));
                }
            }

            if (page.Count < ClerkClient.MaxPage)
            {
                return new ReconciliationResult(accounts, leads, onTheirWay, differences);
            }
        }
    }

    private async Task CompareMetadataAsync(ClerkAccount account, string clickId, bool repair, List<Difference> differences)
    {
        var item = new OutboxItem(OutboxItem.MetadataKind, account.UserId);
        if (account.TrackedClickId == clickId
            || await outbox.FindAsync(OutboxDestination.Clerk, StoreKeys.PartitionOf(account.UserId), item) is { State: OutboxEntryState.Waiting })
        {
            return;
        }

        differences.Add(await MendAsync(account.UserId, DifferenceKind.MetadataMissing, repair, () => SendAgainAsync(OutboxDestination.Clerk, account.UserId, item, MetadataDelivery.Create(clickId))));
    }

    /// <returns>Whether the lead is on its way to Dub.</returns>
    private async Task<bool> CompareLeadAsync(ClerkAccount account, string leadId, HashSet<(string Customer, string Name)>? atDub, bool repair, List<Difference> differences)
    {
        if (atDub is null || await conversions.FindLeadAsync(leadId) is not { Click.FromDub: true } lead
            || atDub.Contains((account.UserId, ConversionTracker.LedgerField(lead.EventName))))
        {
            return false;
        }

        var item = new OutboxItem(OutboxItem.LeadKind, leadId);
        var entry = await outbox.FindAsync(OutboxDestination.Dub, StoreKeys.PartitionOf(account.UserId), item);
        switch (entry?.State)
        {
            case OutboxEntryState.Waiting:
                return true;
            case OutboxEntryState.Dead:
                differences.Add(await MendAsync(account.UserId, DifferenceKind.GivenUp, repair, () => outbox.ReplayAsync(OutboxDestination.Dub, entry.Partition, item)));
                return false;
            case null:
                differences.Add(await MendAsync(
                    account.UserId, DifferenceKind.NotSent, repair,
                    () => SendAgainAsync(OutboxDestination.Dub, account.UserId, item, new LeadDeliveryState { Lead = lead, Stage = LeadDeliveryStage.Proving }.ToJson())));
                return false;
            default:
                var state = LeadDeliveryState.Parse(entry.Json);
                var recordedAt = state.History is [.., var last] ? last.At : lead.Timestamp;
                if (recordedAt + Settled > time.GetUtcNow())
                {
                    return true;
                }

                state = state with { Stage = LeadDeliveryStage.Verifying, SentAt = state.SentAt ?? recordedAt };
                differences.Add(await MendAsync(
                    account.UserId, DifferenceKind.LostAtDub, repair, () => SendAgainAsync(OutboxDestination.Dub, account.UserId, item, state.ToJson())));
                return false;
        }
    }

    private Task SendAgainAsync(OutboxDestination destination, string userId, OutboxItem item, ReadOnlyMemory<byte> state)
        => outbox.AddAsync(destination, userId, item, state);

    private static async Task<Difference> MendAsync(string userId, DifferenceKind kind, bool repair, Func<Task> mend)
    {
        if (repair)
        {
            await mend();
        }

        return new Difference(userId, kind, repair);
    }

    private async Task<HashSet<(string Customer, string Name)>> LeadsAtDubAsync(DateTimeOffset from, CancellationToken cancellationToken)
    {
        var found = new HashSet<(string, string)>();
        var to = time.GetUtcNow().AddMinutes(1);
        for (var page = 1; ; page++)
        {
            var current = page;
            var leads = await AskAsync(
                async () =>
                {
                    var (reply, listed) = await dub.ListLeadsAsync(from, to, current, cancellationToken);
                    return (listed, reply.Detail, reply.RetryAt);
                },
                "Dub", cancellationToken);
            found.UnionWith(leads.Select(lead => (lead.Customer, ConversionTracker.LedgerField(lead.EventName))));
            if (leads.Count < DubClient.MaxPage)
            {
                return found;
            }
        }
    }

    private Task<IReadOnlyList<ClerkAccount>> AccountsAsync(DateTimeOffset from, DateTimeOffset to, int offset, CancellationToken cancellationToken)
        => AskAsync(
            async () =>
            {
                var reply = await clerk.ListUsersAsync(from, to, offset, cancellationToken);
                return (reply.Outcome == ClerkOutcome.Accepted ? reply.Accounts : null, reply.Detail, reply.RetryAt);
            },
            "Clerk", cancellationToken);

    private async Task<IReadOnlyList<T>> AskAsync<T>(
        Func<Task<(IReadOnlyList<T>? Answer, string Detail, DateTimeOffset? RetryAt)>> ask, string service, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (answer, detail, retryAt) = await ask();
            if (answer is not null)
            {
                return answer;
            }

            if (attempt == Attempts)
            {
                throw new ReconciliationException($"{service} did not answer: {detail}");
            }

            var wait = (retryAt - time.GetUtcNow()) ?? TimeSpan.FromSeconds(attempt);
            await Task.Delay(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, time, cancellationToken);
        }
    }
}

/// <summary>The comparison could not be made.</summary>
internal sealed class ReconciliationException(string message) : Exception(message);
