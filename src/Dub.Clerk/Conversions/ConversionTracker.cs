using System.Globalization;
using System.Text.Json;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Leads and the customers they are recorded for.</summary>
internal sealed class ConversionTracker(StoreConnection store, EventLog events, TimeProvider time) : IOutboxHandler
{
    private static readonly StoreScript Track = new("lead-track-5");
    private static readonly StoreScript Done = new("outbox-done-2");

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
        var keys = store.Keys;
        var item = OutboxItem.ForEvent(lead.Id);

        var result = (RedisValue[])(await Track.RunAsync(
            store,
            [keys.Customer(customer), keys.Leads(customer), keys.SignUp(customer), keys.Outbox(partition), keys.OutboxItems(partition)],
            [
                LedgerField(request.EventName), lead.Id, request.Click.Id, now.ToUnixTimeMilliseconds(), OutboxItem.ForSignUp(customer).ToString(), item.ToString(), json,
                OutboxItem.DueIfAbandoned(now), request.SignUpRevision ?? RedisValue.EmptyString, .. CustomerFields(request, now),
            ]))!;

        if ((int)result[0] == 0)
        {
            return new LeadOutcome((string)result[1]!, IsNew: false);
        }

        await RecordEventAsync(item, lead, json, partition);
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

    /// <summary>Logs a lead whose recorder did not get that far.</summary>
    Task IOutboxHandler.HandleAsync(OutboxItem item, ReadOnlyMemory<byte> json, int partition, CancellationToken cancellationToken)
        => RecordEventAsync(item, JsonSerializer.Deserialize(json.Span, ConversionsJsonContext.Default.LeadEvent)!, json, partition);

    /// <summary>One lead per customer and name; letter case and blank for hyphen make no other name, as in Dub's de-duplication.</summary>
    internal static string LedgerField(string eventName) => eventName.Trim().ToLowerInvariant().Replace(' ', '-');

    private async Task RecordEventAsync(OutboxItem item, LeadEvent lead, ReadOnlyMemory<byte> json, int partition)
    {
        await events.RecordLeadAsync(lead, json);
        await Done.RunAsync(store, [store.Keys.Outbox(partition), store.Keys.OutboxItems(partition)], [item.ToString()]);
    }

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
