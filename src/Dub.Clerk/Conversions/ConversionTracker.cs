using System.Text.Json;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Leads and the customers they are recorded for.</summary>
internal sealed class ConversionTracker(
    StoreConnection store, EventLog events, CustomerStore customers, OutboxStore outbox, OutboxDestinations destinations, OutboxSignal signal, TimeProvider time)
    : IOutboxHandler
{
    private static readonly StoreScript Track = new("lead-track-18");

    string IOutboxHandler.Kind => OutboxItem.EventKind;

    /// <summary>Records the lead unless its customer has one under that name: customer, ledger and following work in one atomic change.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task<RecordedLead> TrackLeadAsync(LeadRequest request)
    {
        var now = time.GetUtcNow();
        var (lead, newcomer) = (NewEvent(request, now), NewCustomer(request).WithId(now));
        var json = JsonSerializer.SerializeToUtf8Bytes(lead, ConversionsJsonContext.Default.LeadEvent);
        var (partition, customer) = (StoreKeys.PartitionOf(request.CustomerExternalId), request.CustomerExternalId);
        var toDub = request.Click.FromDub && await destinations.IsServedAsync(OutboxDestination.Dub);
        var toClerk = request.SignUpRevision is not null && await destinations.IsServedAsync(OutboxDestination.Clerk);
        var keys = store.Keys;
        var (local, dub, clerk) = (keys.Outbox(OutboxDestination.Local, partition), keys.Outbox(OutboxDestination.Dub, partition), keys.Outbox(OutboxDestination.Clerk, partition));

        var result = (RedisValue[])(await Track.RunAsync(
            store,
            [
                keys.Customer(customer), keys.Leads(customer), keys.SignUp(customer), local.Lanes, local.Items, local.Since, dub.Lanes, dub.Items, dub.Since,
                clerk.Lanes, clerk.Items, clerk.Since, .. newcomer.Keys(keys), keys.SignUpIndex(partition),
            ],
            [
                customer, LedgerField(request.EventName), lead.Id, request.Click.Id, now.ToUnixTimeMilliseconds(), json, OutboxItem.DueIfAbandoned(now),
                toDub ? Delivery(lead, request.IsClickProven).ToJson() : RedisValue.EmptyString,
                toClerk ? MetadataDelivery.Create(request.Click.Id) : RedisValue.EmptyString,
                request.SignUpRevision ?? RedisValue.EmptyString, .. newcomer.Arguments(now),
            ]))!;

        if ((int)result[0] == 2)
        {
            // The external id has become another name of a customer who lives elsewhere.
            return await TrackLeadAsync(request with { CustomerExternalId = (string)result[1]!, RequestedExternalId = request.RequestedExternalId ?? customer });
        }

        if ((int)result[0] == 0)
        {
            return new RecordedLead((string)result[1]!, IsNew: false);
        }

        if (toDub)
        {
            signal.Raise(OutboxDestination.Dub, partition);
        }

        if (toClerk)
        {
            signal.Raise(OutboxDestination.Clerk, partition);
        }

        await events.RecordLeadAsync(lead);
        await outbox.WithdrawAsync(partition, new OutboxItem(OutboxItem.EventKind, lead.Id));
        return new RecordedLead(lead.Id, IsNew: true, (int)result[2] == 1 ? newcomer.Created(now) : null);
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<Customer?> FindCustomerAsync(string externalId) => customers.FindAsync(externalId);

    /// <summary>Whether the ledger has a lead of that name.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<bool> HasLeadAsync(string home, string eventName)
        => store.RunAsync(database => database.HashExistsAsync(store.Keys.Leads(home), LedgerField(eventName), flags: CommandFlags.DemandMaster));

    /// <summary>The leads in the ledger of a customer: the name each is kept under, and its id.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<(string Field, string LeadId)>> ListLeadsAsync(string home)
        => [.. (await store.RunAsync(database => database.HashGetAllAsync(store.Keys.Leads(home), flags: CommandFlags.DemandMaster))).Select(lead => ((string)lead.Name!, (string)lead.Value!))];

    /// <summary>The leads in the ledger of a customer.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<string>> ListLeadIdsAsync(string customerExternalId)
        => [.. (await store.RunAsync(database => database.HashValuesAsync(store.Keys.Leads(customerExternalId), flags: CommandFlags.DemandMaster))).Select(lead => (string)lead!)];

    /// <summary>The lead as the log has it; null when it is older than the log keeps events.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<LeadEvent?> FindLeadAsync(string leadId) => events.FindLeadAsync(leadId);

    /// <summary>Dub says that it has the lead: a delivery that is under way, or was given up, is over.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> ConfirmLeadAsync(string customerExternalId, string eventName)
    {
        var leadId = (string?)await store.RunAsync(database => database.HashGetAsync(store.Keys.Leads(customerExternalId), LedgerField(eventName), flags: CommandFlags.DemandMaster));
        if (leadId is null)
        {
            return false;
        }

        return await outbox.ReplayAsync(
            OutboxDestination.Dub, StoreKeys.PartitionOf(customerExternalId), new OutboxItem(OutboxItem.LeadKind, leadId), confirmed: true);
    }

    /// <summary>Logs a lead whose recorder did not get that far.</summary>
    async Task<OutboxVerdict> IOutboxHandler.HandleAsync(OutboxClaim claim, CancellationToken cancellationToken)
    {
        await events.RecordLeadAsync(JsonSerializer.Deserialize(claim.State.Span, ConversionsJsonContext.Default.LeadEvent)!);
        return OutboxVerdict.Done();
    }

    /// <summary>One lead per customer and name; letter case and blank for hyphen make no other name, as in Dub's de-duplication.</summary>
    internal static string LedgerField(string eventName) => eventName.Trim().ToLowerInvariant().Replace(' ', '-');

    private static LeadDeliveryState Delivery(LeadEvent lead, bool isClickProven)
        => new() { Lead = lead, Stage = isClickProven ? LeadDeliveryStage.Sending : LeadDeliveryStage.Proving };

    private static LeadEvent NewEvent(LeadRequest request, DateTimeOffset now) => new()
    {
        Id = Ids.NewEvent(),
        EventName = request.EventName,
        Timestamp = now,
        CustomerExternalId = request.CustomerExternalId,
        Click = request.Click,
        Metadata = request.Metadata,
        Copies = request.Quantity > 1 ? [.. Enumerable.Range(1, request.Quantity - 1).Select(_ => Ids.NewEvent())] : null,
    };

    private static NewCustomer NewCustomer(LeadRequest request) => new()
    {
        ExternalId = request.RequestedExternalId ?? request.CustomerExternalId,
        Home = request.CustomerExternalId,
        Click = request.Click,
        Name = request.CustomerName,
        Email = request.CustomerEmail,
        Avatar = request.CustomerAvatar,
    };
}
