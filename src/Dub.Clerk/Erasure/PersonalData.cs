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
        var records = (await Task.WhenAll(names.Select(signUps.ReadRecordAsync))).OfType<SignUpRecord>().ToList();
        var (clickIds, customer) = (records.SelectMany(record => record.Clicks).Distinct().ToList(), await ReadAsync(store.Keys.Customer(home)));
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

        var deliveries = await DeliveriesAsync(names, clickIds, ids);
        if (records.Count == 0 && customer is null && ids.Count == 0 && deliveries.Count == 0)
        {
            return null;
        }

        var kept = await Task.WhenAll(clickIds.Append((string?)customer?["click"]).OfType<string>().Distinct().Select(clicks.FindAsync));
        return new JsonObject
        {
            ["externalId"] = externalId,
            ["otherExternalIds"] = new JsonArray([.. names.Where(name => name != externalId).Select(name => JsonValue.Create(name))]),
            ["signUps"] = new JsonArray([.. (await Task.WhenAll(names.Select(name => ReadAsync(store.Keys.SignUp(name))))).OfType<JsonObject>()]),
            ["customer"] = customer,
            ["clicks"] = new JsonArray([.. kept.OfType<Click>().Select(click => JsonSerializer.SerializeToNode(click, ConversionsJsonContext.Default.Click))]),
            ["leads"] = leads,
            ["sales"] = sales,
            ["deliveries"] = deliveries,
        };
    }

    private async Task<JsonArray> DeliveriesAsync(IReadOnlyList<string> names, IReadOnlyList<string> clickIds, IReadOnlyList<OutboxItem> ofEvents)
    {
        var found = await Task.WhenAll(names.SelectMany(name => ErasureService.ItemsOf(name, clickIds, ofEvents)
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
