using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;
using Dub.Clerk.Outbox;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Erasure;

/// <summary>Everything that the store holds of a person, for the person who asks for it.</summary>
internal sealed class PersonalData(StoreConnection store, StoreSchema schema, CustomerStore customers, CustomerEvents events, ClickStore clicks, SignUpJoin signUps, OutboxStore outbox)
{
    /// <returns>Null when nothing is known of them.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<JsonObject?> FindAsync(string externalId, CancellationToken cancellationToken)
    {
        await schema.CheckAsync();
        var (home, names) = await customers.FindNamesAsync(externalId);
        var (record, customer) = (await signUps.ReadRecordAsync(externalId), await ReadAsync(store.Keys.Customer(home)));
        var (leads, sales, ids) = (new JsonArray(), new JsonArray(), new List<OutboxItem>());
        await foreach (var one in events.ReadAsync(names, cancellationToken))
        {
            ids.Add(new OutboxItem(one.Sale is null ? OutboxItem.LeadKind : OutboxItem.SaleKind, one.Id));
            if (one.Sale is { } sale)
            {
                sales.Add(JsonSerializer.SerializeToNode(sale, ConversionsJsonContext.Default.SaleEvent));
            }
            else
            {
                leads.Add(JsonSerializer.SerializeToNode(one.Lead!, ConversionsJsonContext.Default.LeadEvent));
            }
        }

        var deliveries = await DeliveriesAsync(names, record, ids);
        if (record is null && customer is null && ids.Count == 0 && deliveries.Count == 0)
        {
            return null;
        }

        var kept = await Task.WhenAll((record?.Clicks ?? []).Append((string?)customer?["click"]).OfType<string>().Distinct().Select(clicks.FindAsync));
        return new JsonObject
        {
            ["externalId"] = externalId,
            ["otherExternalIds"] = new JsonArray([.. names.Where(name => name != externalId).Select(name => JsonValue.Create(name))]),
            ["signUp"] = await ReadAsync(store.Keys.SignUp(externalId)),
            ["customer"] = customer,
            ["clicks"] = new JsonArray([.. kept.OfType<Click>().Select(click => JsonSerializer.SerializeToNode(click, ConversionsJsonContext.Default.Click))]),
            ["leads"] = leads,
            ["sales"] = sales,
            ["deliveries"] = deliveries,
        };
    }

    private async Task<JsonArray> DeliveriesAsync(IReadOnlyList<string> names, SignUpRecord? signUp, IReadOnlyList<OutboxItem> ofEvents)
    {
        var found = await Task.WhenAll(names.SelectMany(name => ErasureService.ItemsOf(name, signUp?.Clicks ?? [], ofEvents)
            .SelectMany(item => Enum.GetValues<OutboxDestination>().Select(destination => outbox.FindAsync(destination, StoreKeys.PartitionOf(name), item)))));

        // What is done is found in its partition, whichever destination is asked.
        return new JsonArray([.. found.OfType<OutboxEntry>().DistinctBy(entry => (entry.Partition, entry.Item)).Select(Describe)]);
    }

    private static JsonNode Describe(OutboxEntry entry) => new JsonObject
    {
        ["delivery"] = entry.Item.ToString(),
        ["state"] = entry.State.ToString().ToLowerInvariant(),
        ["attempts"] = entry.Attempts,
        ["error"] = entry.Error,
        ["details"] = entry.Json.IsEmpty ? null : JsonNode.Parse(entry.Json.Span),
    };

    /// <summary>The fields as they are stored, but for the one that says how.</summary>
    private async Task<JsonObject?> ReadAsync(RedisKey key)
    {
        var fields = await store.RunAsync(static (database, key) => database.HashGetAllAsync(key, CommandFlags.DemandMaster), key);
        return fields.Length == 0 ? null : new JsonObject(fields.Where(field => field.Name != "v").OrderBy(field => (string)field.Name!, StringComparer.Ordinal)
            .Select(field => KeyValuePair.Create((string)field.Name!, (JsonNode?)JsonValue.Create((string)field.Value!))));
    }
}
