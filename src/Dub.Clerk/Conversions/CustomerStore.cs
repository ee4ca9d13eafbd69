using System.Globalization;
using System.Text.Json;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Customers, found by external id or by id. A customer lives for ever where its first external id hashes to; a later one is an alias
/// that leads there, and so do those it had before, so that nobody who still uses one makes a second customer.</summary>
internal sealed class CustomerStore(StoreConnection store, Tombstones tombstones, TimeProvider time)
{
    /// <summary>Before an external id that leads here, in the name of a field.</summary>
    private const string AliasPrefix = "alias|";

    private static readonly RedisValue[] Fields =
    [
        "home", "id", "external_id", "name", "email", "avatar", "country", "link", "click", "click_json", "sales", "sale_amount", "first_sale_at", "created_at",
    ];

    private static readonly StoreScript Create = new("customer-create-7");
    private static readonly StoreScript Update = new("customer-update-3");
    private static readonly StoreScript Delete = new("customer-delete-6");
    private static readonly StoreScript Alias = new("customer-alias-2");
    private static readonly StoreScript Unalias = new("customer-unalias-1");

    /// <summary>The customer with this external id, or who had it.</summary>
    /// <returns>Where the customer lives, or would; null when there is none.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<(string Home, Customer? Customer)> ResolveAsync(string externalId)
    {
        var fields = await ReadAsync(externalId);
        return fields[0].IsNull ? (externalId, Parse(externalId, fields)) : ((string)fields[0]!, Parse(fields[0]!, await ReadAsync(fields[0]!)));
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Customer?> FindAsync(string externalId) => (await ResolveAsync(externalId)).Customer;

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Customer?> FindByIdAsync(string customerId)
        => (string?)await store.RunAsync(database => database.StringGetAsync(store.Keys.CustomerId(customerId), flags: CommandFlags.DemandMaster)) is { } home
            && await FindHomeAsync(home) is { } customer && customer.Id == customerId ? customer : null;

    /// <summary>Those who live here, in this order, without those who are gone.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<Customer>> FindHomesAsync(IEnumerable<string> homes)
        => [.. (await Task.WhenAll(homes.Select(FindHomeAsync))).OfType<Customer>()];

    /// <summary>Creates the customer unless there is one.</summary>
    /// <returns>Who has the external id now; null where who had it was erased.</returns>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task<Customer?> CreateAsync(NewCustomer customer)
    {
        while (true)
        {
            var now = time.GetUtcNow();
            customer = customer.WithId(now);
            if ((int)await Create.RunAsync(
                store, [store.Keys.Customer(customer.Home), .. customer.Keys(store.Keys), await tombstones.KeyAsync(customer.Home)], [.. customer.Arguments(now)]) == -1)
            {
                return null;
            }

            var (home, created) = await ResolveAsync(customer.ExternalId);
            if (created is not null)
            {
                return created;
            }

            customer = customer with { Home = home };
        }
    }

    /// <summary>Changes a customer.</summary>
    /// <param name="customerId">Which.</param>
    /// <param name="change">What is to be other.</param>
    /// <param name="profileAt">Since when it is so; where something newer is known, nothing changes.</param>
    /// <returns>Null when the customer is gone; false when another has the external id.</returns>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task<bool?> UpdateAsync(string customerId, Func<Customer, Customer> change, DateTimeOffset? profileAt = null)
    {
        var taken = (ExternalId: string.Empty, Home: string.Empty);
        while (await FindByIdAsync(customerId) is { } before)
        {
            var after = change(before);
            if (after.ExternalId != before.Home)
            {
                if (!await TakeAsync(after.ExternalId, before.Home))
                {
                    return false;
                }

                taken = (after.ExternalId, before.Home);
            }

            RedisKey[] keys =
            [
                store.Keys.Customer(before.Home), CustomerIndexes.KeyOfEmail(store.Keys, before.Home, before.Email),
                CustomerIndexes.KeyOfEmail(store.Keys, before.Home, after.Email),
            ];
            RedisValue[] arguments =
            [
                before.Id, before.Email ?? string.Empty, CustomerIndexes.Member(before.Id, before.Home),
                "name", after.Name ?? string.Empty, "email", after.Email ?? string.Empty, "avatar", after.Avatar ?? string.Empty, "external_id", after.ExternalId,
                .. after.ExternalId != before.Home ? new RedisValue[] { AliasPrefix + after.ExternalId, 1 } : [],
                .. profileAt is { } at ? new RedisValue[] { "profile_at", at.ToUnixTimeMilliseconds() } : [],
            ];
            if ((int)await Update.RunAsync(store, keys, arguments) == 1)
            {
                return true;
            }
        }

        // The customer went meanwhile, and did not know of the name it was to have.
        if (taken.Home.Length > 0)
        {
            await Unalias.RunAsync(store, [store.Keys.Customer(taken.ExternalId)], [taken.Home]);
        }

        return null;
    }

    /// <summary>Calls a customer, where there is one, what Clerk calls the user since then. Without a name it keeps the one it has.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task SetProfileAsync(string externalId, string? name, string? email, string? avatar, DateTimeOffset since)
    {
        if (await FindAsync(externalId) is { } customer)
        {
            await UpdateAsync(customer.Id, before => before with { Name = name ?? email ?? before.Name, Email = email, Avatar = avatar }, since);
        }
    }

    /// <summary>The external ids by which somebody is known, this one and those that lead to the same customer. Where the customer is gone, those that are left.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<(string Home, IReadOnlyList<string> Names)> FindNamesAsync(string externalId)
    {
        var (home, _) = await ResolveAsync(externalId);
        var (aliases, _) = await ReadAliasesAsync(home);
        return (home, [.. aliases.Append(home).Append(externalId).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Drops what stands under an external id: another name of a customer who is gone, and the leads of the ledger.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task ForgetNameAsync(string externalId)
    {
        await store.WriteAsync("DEL", store.Keys.Customer(externalId));
        await store.WriteAsync("DEL", store.Keys.Leads(externalId));
    }

    /// <summary>Deletes a customer. Leads and sales stay, and the ledger, so that no second lead comes of it.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task<bool> DeleteAsync(string customerId)
    {
        while (await FindByIdAsync(customerId) is { } customer)
        {
            var (aliases, fields) = await ReadAliasesAsync(customer.Home);
            var deleted = (int)await Delete.RunAsync(
                store,
                [store.Keys.Customer(customer.Home), .. CustomerIndexes.KeysOf(store.Keys, customer.Id, customer.Home, customer.LinkId, customer.Country, customer.Email)],
                [customer.Id, customer.Email ?? string.Empty, CustomerIndexes.Member(customer.Id, customer.Home), fields]) == 1;
            if (deleted)
            {
                await Task.WhenAll(aliases.Select(alias => Unalias.RunAsync(store, [store.Keys.Customer(alias)], [customer.Home])));
                return true;
            }
        }

        return false;
    }

    /// <summary>The other external ids of a customer, and of how many fields its record is.</summary>
    private async Task<(IReadOnlyList<string> Aliases, int Fields)> ReadAliasesAsync(string home)
    {
        var names = await store.RunAsync((database, key) => database.HashKeysAsync(key, CommandFlags.DemandMaster), store.Keys.Customer(home));
        return ([.. names.Select(name => (string)name!).Where(name => name.StartsWith(AliasPrefix, StringComparison.Ordinal)).Select(name => name[AliasPrefix.Length..])], names.Length);
    }

    /// <summary>Before the customer says so itself: an alias that it does not know of leads to it all the same.</summary>
    private async Task<bool> TakeAsync(string externalId, string home)
    {
        var fields = await ReadAsync(externalId);
        var gone = !fields[0].IsNull && await FindHomeAsync(fields[0]!) is null ? fields[0] : RedisValue.EmptyString;
        return (int)await Alias.RunAsync(store, [store.Keys.Customer(externalId), await tombstones.KeyAsync(externalId)], [home, gone]) == 1;
    }

    private async Task<Customer?> FindHomeAsync(string home) => Parse(home, await ReadAsync(home));

    private Task<RedisValue[]> ReadAsync(string externalId) => store.RunAsync((database, key) => database.HashGetAsync(key, Fields, flags: CommandFlags.DemandMaster), store.Keys.Customer(externalId));

    private static Customer? Parse(string home, RedisValue[] fields) => fields[1].IsNull
        ? null
        : new Customer
        {
            Home = home,
            Id = fields[1]!,
            ExternalId = (string?)fields[2] ?? home,
            Name = fields[3],
            Email = fields[4],
            Avatar = fields[5],
            Country = fields[6],
            LinkId = fields[7],
            ClickId = fields[8],
            Click = fields[9].IsNull ? null : JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)fields[9]).Span, ConversionsJsonContext.Default.Click),
            Sales = Number(fields[10]) ?? 0,
            SaleAmount = Number(fields[11]) ?? 0,
            FirstSaleAt = Number(fields[12]) is { } first ? DateTimeOffset.FromUnixTimeMilliseconds(first) : null,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(Number(fields[13]) ?? 0),
        };

    private static long? Number(RedisValue value) => value.IsNull ? null : long.Parse((string)value!, CultureInfo.InvariantCulture);
}
