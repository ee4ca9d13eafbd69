using Dub.Clerk.Conversions;
using Dub.Clerk.Outbox;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;

namespace Dub.Clerk.Erasure;

/// <summary>Drops all that is kept of a person. What remains are counts, and events that say what happened and not to whom.</summary>
/// <remarks>It begins with a tombstone: from then on no script begins to keep anything of that person. The rest is outbox work, so that whoever dies
/// in the middle of it is followed by somebody else; each step may be repeated.</remarks>
internal sealed class ErasureService(
    StoreConnection store, StoreSchema schema, Tombstones tombstones, SignUpJoin signUps, CustomerStore customers, CustomerEvents events, ConversionTracker conversions,
    OutboxStore outbox, OutboxDestinations destinations, OutboxSignal signal, IEnumerable<IErasureListener> listeners, TimeProvider time)
    : IOutboxHandler
{
    /// <summary>After a fault of the store.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private static readonly StoreScript Begin = new("erasure-begin-4");
    private static readonly StoreScript EraseSignUp = new("signup-erase-2");

    string IOutboxHandler.Kind => OutboxItem.EraseKind;

    /// <summary>Has a person erased. It is durable when the task completes, and made within moments.</summary>
    /// <param name="externalId">The Clerk user id, or another external id of a customer.</param>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task BeginAsync(string externalId)
    {
        await schema.CheckAsync();
        var (item, partition) = (new OutboxItem(OutboxItem.EraseKind, externalId).ToString(), StoreKeys.PartitionOf(externalId));
        await Begin.RunAsync(
            store,
            [await tombstones.KeyAsync(externalId), .. store.Keys.Outbox(OutboxDestination.Local, partition).OfItems],
            [item, time.GetUtcNow().ToUnixTimeMilliseconds(), (long)Tombstones.Retention.TotalMilliseconds]);
        signal.Raise(OutboxDestination.Local, partition);
    }

    /// <summary>Whether an erasure that was begun has been made.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> IsDoneAsync(string externalId)
        => await outbox.FindAsync(OutboxDestination.Local, StoreKeys.PartitionOf(externalId), new OutboxItem(OutboxItem.EraseKind, externalId)) is null;

    async Task<OutboxVerdict> IOutboxHandler.HandleAsync(OutboxClaim claim, CancellationToken cancellationToken)
    {
        try
        {
            return await EraseAsync(claim, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Never given up: somebody wants to be forgotten.
            return OutboxVerdict.Wait(time.GetUtcNow() + Pause, e.GetType().Name);
        }
    }

    private async Task<OutboxVerdict> EraseAsync(OutboxClaim claim, CancellationToken cancellationToken)
    {
        var externalId = claim.Item.Subject;
        ErasureState state;
        if (claim.State.IsEmpty)
        {
            // The tombstones first, so that what is looked up after them is all there will be.
            var (_, early) = await customers.FindNamesAsync(externalId);
            await BuryAsync(early);
            state = await LookAsync(externalId);
            await BuryAsync(state.Names.Except(early));
            if (!await outbox.KeepAsync(claim, state.ToJson()))
            {
                return OutboxVerdict.Wait(time.GetUtcNow());
            }
        }
        else
        {
            state = ErasureState.Parse(claim.State);
        }

        // With sign-ups and customer gone, and the tombstones there, nothing is begun for them any more; then what was begun is dropped.
        await Task.WhenAll(state.Names.Select(name => EraseSignUp.RunAsync(
            store, [store.Keys.SignUp(name), store.Keys.SignUpIndex(StoreKeys.PartitionOf(name))], [name])));
        if (await customers.FindAsync(externalId) is { } customer)
        {
            var (_, names) = await customers.FindNamesAsync(externalId);
            if (names.Except(state.Names).Any())
            {
                // It was given another name since we looked: once more, with what is known under that.
                await BuryAsync(names.Except(state.Names));
                state = state.With(await LookAsync(externalId));
                return OutboxVerdict.Wait(time.GetUtcNow(), state: state.ToJson());
            }

            await customers.DeleteAsync(customer.Id);
        }

        await Task.WhenAll(state.Names.Select(name => PurgeOutboxAsync(name, state)));
        if (await destinations.IsServedAsync(OutboxDestination.Dub))
        {
            await ForgetAtDubAsync(externalId, state);
        }

        // Who has no lead has no sale either.
        var deliveries = state.Leads.Select(lead => new OutboxItem(OutboxItem.LeadKind, lead)).ToList();
        if (deliveries.Count > 0)
        {
            await foreach (var one in events.ReadAsync(state.Names, cancellationToken))
            {
                deliveries.Add(new OutboxItem(one.Sale is null ? OutboxItem.LeadKind : OutboxItem.SaleKind, one.Id));
                await events.ForgetAsync(one);
            }
        }

        await Task.WhenAll(state.Names.Select(name => outbox.ForgetRecordsAsync(StoreKeys.PartitionOf(name), ItemsOf(name, state.Clicks, deliveries))));
        await Task.WhenAll(state.Names.Select(customers.ForgetNameAsync));
        await listeners.TellAsync(cancellationToken);
        return OutboxVerdict.Done();
    }

    private Task BuryAsync(IEnumerable<string> names) => Task.WhenAll(names.Select(name => tombstones.SetAsync(name, time.GetUtcNow())));

    private async Task<ErasureState> LookAsync(string externalId)
    {
        var (_, names) = await customers.FindNamesAsync(externalId);
        var signUpRecords = await Task.WhenAll(names.Select(signUps.ReadRecordAsync));
        return new ErasureState
        {
            Names = names,
            Clicks = [.. signUpRecords.OfType<SignUpRecord>().SelectMany(signUp => signUp.Clicks).Distinct()],
            Leads = [.. (await Task.WhenAll(names.Select(conversions.ListLeadIdsAsync))).SelectMany(leads => leads)],
        };
    }

    /// <summary>Whatever is known here: Dub may have been asked about a click, or the customer may be deleted here and not there. Not before a call that is
    /// under way has ended: it would make the customer anew.</summary>
    private async Task ForgetAtDubAsync(string externalId, ErasureState state)
    {
        var lane = new OutboxItem(OutboxItem.ForgetKind, await tombstones.PseudonymAsync(externalId));
        await outbox.AddAsync(
            OutboxDestination.Dub, lane.ToString(), lane, new DubErasureState { Customers = state.Names }.ToJson(), time.GetUtcNow() + OutboxStore.Lease);
    }

    private async Task PurgeOutboxAsync(string name, ErasureState state)
    {
        // Work that waits for itself alone is a lane of its own.
        var lanes = ItemsOf(name, state.Clicks, []).Select(item => item.ToString()).Append(name).ToList();
        foreach (var destination in Enum.GetValues<OutboxDestination>())
        {
            await outbox.PurgeAsync(destination, StoreKeys.PartitionOf(name), lanes);
        }
    }

    /// <summary>All work that may be about somebody.</summary>
    /// <param name="name">The external id.</param>
    /// <param name="clicks">Those of the sign-up.</param>
    /// <param name="ofEvents">The work of leads and sales.</param>
    internal static IEnumerable<OutboxItem> ItemsOf(string name, IEnumerable<string> clicks, IEnumerable<OutboxItem> ofEvents) =>
    [
        new(OutboxItem.SignUpKind, name), new(OutboxItem.AccountKind, name), new(OutboxItem.MetadataKind, name),
        .. clicks.Select(click => new OutboxItem(OutboxItem.ProofKind, $"{name}/{click}")), .. ofEvents,
    ];
}
