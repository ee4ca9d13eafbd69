using System.Text.Json;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Leads and the customers they are recorded for.</summary>
internal sealed class ConversionTracker(
    StoreConnection store, Tombstones tombstones, EventLog events, EventNews news, CustomerStore customers, OutboxStore outbox, OutboxDestinations destinations, OutboxSignal signal,
    DubClerkMetrics metrics, TimeProvider time)
{
    private static readonly StoreScript Track = new("lead-track-n");

    /// <summary>Records the lead unless its customer has one under that name: customer, ledger, events and following work in one atomic change.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task<RecordedLead> TrackLeadAsync(LeadRequest request)
    {
        var now = time.GetUtcNow();
        var (customer, newcomer, shard) = (request.CustomerExternalId, NewCustomer(request).WithId(now), StoreKeys.ShardOf(request.CustomerExternalId));
        LeadEvent[] leads = [.. Enumerable.Range(0, request.Quantity).Select(_ => NewEvent(request, Ids.NewEvent(shard), now))];
        var (lead, keys, partition) = (leads[0], store.Keys, StoreKeys.PartitionOf(customer));
        var toDub = request.Click.FromDub && await destinations.IsServedAsync(OutboxDestination.Dub);
        var toClerk = request.SignUpRevision is not null && await destinations.IsServedAsync(OutboxDestination.Clerk);

        var result = (RedisValue[])(await Track.RunAsync(
            store,
            [
                keys.Customer(customer), keys.Leads(customer), .. newcomer.Keys(keys), .. events.KeysOf(EventKind.Leads, shard, now, request.Click.LinkId),
                .. toDub || request.SignUpRevision is not null ? keys.Outbox(OutboxDestination.Dub, partition).OfItems : [],
                .. request.SignUpRevision is not null ? SignUpKeys(customer, partition) : [], await tombstones.KeyAsync(customer),
                .. leads.Select(one => keys.Event(one.Id)),
            ],
            [
                customer, LedgerField(request.EventName), request.Click.Id, now.ToUnixTimeMilliseconds(), (long)events.EventRetention.TotalMilliseconds, leads.Length,
                toDub ? Delivery(lead, request).ToJson() : RedisValue.EmptyString,
                toClerk ? MetadataDelivery.Create(request.Click.Id) : RedisValue.EmptyString,
                request.SignUpRevision ?? RedisValue.EmptyString,
                .. leads.SelectMany(one => new RedisValue[] { one.Id, JsonSerializer.SerializeToUtf8Bytes(one, ConversionsJsonContext.Default.LeadEvent) }),
                .. newcomer.Arguments(now),
            ]))!;

        if ((int)result[0] == 2)
        {
            // The external id has become another name of a customer who lives elsewhere.
            return await TrackLeadAsync(request with { CustomerExternalId = (string)result[1]!, RequestedExternalId = request.RequestedExternalId ?? customer });
        }

        if ((int)result[0] == 3)
        {
            return new RecordedLead(string.Empty, IsNew: false, IsErased: true);
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

        metrics.LeadRecorded();
        news.Raise(now);
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

    /// <summary>One lead per customer and name; letter case and blank for hyphen make no other name, as in Dub's de-duplication.</summary>
    internal static string LedgerField(string eventName) => eventName.Trim().ToLowerInvariant().Replace(' ', '-');

    private RedisKey[] SignUpKeys(string userId, int partition) =>
    [
        store.Keys.SignUp(userId), store.Keys.SignUpIndex(partition), .. store.Keys.Outbox(OutboxDestination.Local, partition).OfItems,
        .. store.Keys.Outbox(OutboxDestination.Clerk, partition).OfItems,
    ];

    private static LeadDeliveryState Delivery(LeadEvent lead, LeadRequest request) => new()
    {
        Lead = lead,
        Quantity = request.Quantity,
        Stage = request.IsClickProven ? LeadDeliveryStage.Sending : LeadDeliveryStage.Proving,
    };

    private static LeadEvent NewEvent(LeadRequest request, string id, DateTimeOffset now) => new()
    {
        Id = id,
        EventName = request.EventName,
        Timestamp = now,
        CustomerExternalId = request.CustomerExternalId,
        Click = request.Click,
        Metadata = request.Metadata,
    };

    private static NewCustomer NewCustomer(LeadRequest request) => new()
    {
        ExternalId = request.RequestedExternalId ?? request.CustomerExternalId,
        Home = request.CustomerExternalId,
        Click = request.Click,
        Name = request.CustomerName,
        Email = request.CustomerEmail,
        Avatar = request.CustomerAvatar,
        ProfileAt = request.ProfileAt,
    };
}
