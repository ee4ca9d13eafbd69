using System.Globalization;
using System.Text.Json;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Leads and the customers they are recorded for.</summary>
internal sealed class ConversionTracker(StoreConnection store, EventLog events, OutboxStore outbox, OutboxDestinations destinations, OutboxSignal signal, TimeProvider time) : IOutboxHandler
{
    private static readonly StoreScript Track = new("lead-track-12");

    string IOutboxHandler.Kind => OutboxItem.EventKind;

    /// <summary>Records the lead unless its customer has one under that name: customer, ledger and following work in one atomic change.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task<LeadOutcome> TrackLeadAsync(LeadRequest request)
    {
        var now = time.GetUtcNow();
        var lead = new LeadEvent
        {
            Id = Ids.NewEvent(),
            EventName = request.EventName,
            Timestamp = now,
            CustomerExternalId = request.CustomerExternalId,
            Click = request.Click,
            Metadata = request.Metadata is { Count: > 0 } ? request.Metadata : null,
        };
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
                clerk.Lanes, clerk.Items, clerk.Since,
            ],
            [
                customer, LedgerField(request.EventName), lead.Id, request.Click.Id, now.ToUnixTimeMilliseconds(), json, OutboxItem.DueIfAbandoned(now),
                toDub ? Delivery(lead, request.IsClickProven).ToJson() : RedisValue.EmptyString,
                toClerk ? MetadataDelivery.Create(request.Click.Id) : RedisValue.EmptyString,
                request.SignUpRevision ?? RedisValue.EmptyString, .. CustomerFields(request, now),
            ]))!;

        if ((int)result[0] == 0)
        {
            return new LeadOutcome((string)result[1]!, IsNew: false);
        }

        if (toDub)
        {
            signal.Raise(OutboxDestination.Dub, partition);
        }

        if (toClerk)
        {
            signal.Raise(OutboxDestination.Clerk, partition);
        }

        await events.RecordLeadAsync(lead, json);
        await outbox.WithdrawAsync(partition, new OutboxItem(OutboxItem.EventKind, lead.Id));
        return new LeadOutcome(lead.Id, IsNew: true);
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Customer?> FindCustomerAsync(string externalId)
    {
        var fields = await store.RunAsync(database => database.HashGetAsync(
            store.Keys.Customer(externalId), ["id", "name", "email", "avatar", "created_at"]));
        return fields[0].IsNull
            ? null
            : new Customer
            {
                Id = fields[0]!,
                ExternalId = externalId,
                Name = fields[1],
                Email = fields[2],
                Avatar = fields[3],
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds((long)fields[4]),
            };
    }

    /// <summary>The leads in the ledger of a customer.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<string>> ListLeadIdsAsync(string customerExternalId)
        => [.. (await store.RunAsync(database => database.HashValuesAsync(store.Keys.Leads(customerExternalId)))).Select(lead => (string)lead!)];

    /// <summary>The lead as the log has it; null when it is older than the log keeps events.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<LeadEvent?> FindLeadAsync(string leadId) => events.FindLeadAsync(leadId);

    /// <summary>Dub says that it has the lead: a delivery that is under way, or was given up, is over.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> ConfirmLeadAsync(string customerExternalId, string eventName)
    {
        var leadId = (string?)await store.RunAsync(database => database.HashGetAsync(store.Keys.Leads(customerExternalId), LedgerField(eventName)));
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
        await events.RecordLeadAsync(JsonSerializer.Deserialize(claim.State.Span, ConversionsJsonContext.Default.LeadEvent)!, claim.State);
        return OutboxVerdict.Done();
    }

    /// <summary>One lead per customer and name; letter case and blank for hyphen make no other name, as in Dub's de-duplication.</summary>
    internal static string LedgerField(string eventName) => eventName.Trim().ToLowerInvariant().Replace(' ', '-');

    private static LeadDeliveryState Delivery(LeadEvent lead, bool isClickProven)
        => new() { Lead = lead, Stage = isClickProven ? LeadDeliveryStage.Sending : LeadDeliveryStage.Proving };

    private static IEnumerable<RedisValue> CustomerFields(LeadRequest request, DateTimeOffset now)
    {
        (string Name, string? Value)[] fields =
        [
            ("v", "1"),
            ("id", Ids.NewRecord("cus_", now)),
            ("name", request.CustomerName ?? request.CustomerEmail),
            ("email", request.CustomerEmail),
            ("avatar", request.CustomerAvatar),
            ("click", request.Click.Id),
            ("clicked_at", request.Click.Timestamp.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
            ("link", request.Click.LinkId),
            ("created_at", now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
        ];
        return fields.Where(field => field.Value is not null).SelectMany(field => new RedisValue[] { field.Name, field.Value });
    }
}
