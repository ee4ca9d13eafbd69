using System.Text.Json;
using Dub.Clerk.Conversions;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Conversions;

/// <summary>What leads, sales and customers promise, whatever store they are on.</summary>
public abstract class ConversionContract(StoreKind kind, ITestOutputHelper output) : HostContract(kind)
{
    private Link _link = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IConversions Conversions => Host.Get<IConversions>();

    private protected override void Configure(DubClerkOptions options)
    {
        options.ExchangeRates["EUR"] = 0.8m;
        options.ExchangeRates["JPY"] = 150m;
        options.ExchangeRatesDate = new DateOnly(2026, 11, 1);
    }

    private protected override async Task BeginAsync() => _link = await LinkAsync("launch");

    [Fact]
    public async Task SameLeadFromManyTasks_IsRecordedOnce()
    {
        var click = await ClickAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => Conversions.TrackLeadAsync(
            new Lead { CustomerExternalId = "c", EventName = i % 2 == 0 ? "Sign Up" : "sign-up", ClickId = click.Id }))));

        Assert.Single(results, result => result.Outcome == ConversionOutcome.Recorded);
        Assert.All(results, result => Assert.Equal("c", result.Customer!.ExternalId));
        Assert.Single(results.Select(result => result.Customer!.Id).Distinct());
        Assert.Equal(1, (await CountersAsync()).Leads);
    }

    [Fact]
    public async Task RefusedClick_BurnsNothing()
    {
        var lead = new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = "AAAAAAAAAAAAAAAA" };

        Assert.Equal(ConversionOutcome.UnknownClick, (await Conversions.TrackLeadAsync(lead, Cancellation)).Outcome);
        Assert.Null(await Conversions.FindCustomerAsync("c", Cancellation));
        Assert.Equal(ConversionOutcome.Recorded, (await Conversions.TrackLeadAsync(lead with { ClickId = (await ClickAsync()).Id }, Cancellation)).Outcome);
    }

    [Fact]
    public async Task DeferredLead_NeedsItsClickNoMoreEvenWhenItHasExpired()
    {
        var click = await ClickAsync();
        var deferred = await Conversions.TrackLeadAsync(new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = click.Id, IsDeferred = true }, Cancellation);
        Assert.Equal((ConversionOutcome.Deferred, 0), (deferred.Outcome, (await CountersAsync()).Leads));
        await Store.Connection.GetDatabase().KeyDeleteAsync(Host.Get<StoreConnection>().Keys.Click(click.Id));

        var lead = await Conversions.TrackLeadAsync(new Lead { CustomerExternalId = "c", EventName = "Sign Up" }, Cancellation);

        Assert.Equal((ConversionOutcome.Recorded, click.Id, deferred.Customer!.Id), (lead.Outcome, lead.ClickId, lead.Customer!.Id));
    }

    [Fact]
    public async Task LeadThatStandsForMany_IsAsManyEvents()
    {
        await Conversions.TrackLeadAsync(new Lead { CustomerExternalId = "c", EventName = "Seats", ClickId = (await ClickAsync()).Id, Quantity = 100 }, Cancellation);

        Assert.Equal(100, (await CountersAsync()).Leads);
        Assert.Equal(100, (await Host.LeadsAsync()).Select(lead => lead.Id).Distinct().Count());
    }

    [Fact]
    public async Task SameInvoiceFromManyTasks_IsOneSaleAndOneAnswer()
    {
        await LeadAsync("c");

        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => Conversions.TrackSaleAsync(
            new Sale { CustomerExternalId = "c", Amount = 100 + i, EventName = $"Purchase {i}", InvoiceId = "in_1" }))));

        Assert.Single(results, result => result.Outcome == ConversionOutcome.Recorded);
        Assert.Single(results.Select(result => (result.SaleId, result.Amount, result.EventName, result.Customer!.Id)).Distinct());
        var (counters, customer) = (await CountersAsync(), (await Conversions.FindCustomerAsync("c", Cancellation))!);
        Assert.Equal((1, 1, results[0].Amount), (counters.Sales, counters.Conversions, counters.SaleAmount));
        Assert.Equal((1, results[0].Amount), (customer.Sales, customer.SaleAmount));
        Assert.Equal(results[0].SaleId, Assert.Single(await SalesAsync()).Id);
    }

    [Fact]
    public async Task SaleWhoseRecorderVanished_IsCompletedByARepeat()
    {
        await LeadAsync("c");
        var sale = (await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 500, InvoiceId = "in_1" }, Cancellation)).SaleId!;

        // As a crash between the invoice and the count would leave it.
        var (keys, database) = (Host.Get<StoreConnection>().Keys, Store.Connection.GetDatabase());
        await database.KeyDeleteAsync(keys.CustomerSale("c", sale));
        await database.HashDeleteAsync(keys.Customer("c"), ["sales", "sale_amount", "converted|" + _link.Id]);
        await database.KeyDeleteAsync(keys.Event(sale));
        await database.KeyDeleteAsync(keys.LinkCounters(StoreKeys.ShardOf(sale), _link.Id));

        var repeat = await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 1, InvoiceId = "in_1" }, Cancellation);

        Assert.Equal((ConversionOutcome.Duplicate, sale, 500), (repeat.Outcome, repeat.SaleId, repeat.Amount));
        Assert.Equal((1, 500, 1), ((await CountersAsync()).Sales, repeat.Customer!.SaleAmount, (await CountersAsync()).Conversions));
    }

    [Theory]
    [InlineData("usd", 1234, 1234)]
    [InlineData("EUR", 1000, 1250)]
    [InlineData("jpy", 1500, 1000)]
    public async Task Currencies_AreDollars(string currency, long amount, long cents)
    {
        await LeadAsync("c");

        Assert.Equal(cents, (await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = amount, Currency = currency }, Cancellation)).Amount);
        Assert.Equal(ConversionOutcome.UnknownCurrency, (await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 1, Currency = "XYZ" }, Cancellation)).Outcome);
    }

    [Fact]
    public async Task Sale_FollowsTheLatestLeadOrTheOneNamed()
    {
        var other = await LinkAsync("other");
        await LeadAsync("c", "First");
        Time.Advance(TimeSpan.FromMinutes(1));
        await LeadAsync("c", "Second", other);

        await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 1 }, Cancellation);
        await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 2, LeadEventName = "First" }, Cancellation);
        await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 4 }, Cancellation);

        Assert.Equal((1, 2, 1), Of(await CountersAsync()));
        Assert.Equal((2, 5, 1), Of(await CountersAsync(other)));
        Assert.Equal(
            ConversionOutcome.UnknownLead, (await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 1, LeadEventName = "None" }, Cancellation)).Outcome);

        static (long, long, long) Of(LinkCounters counters) => (counters.Sales, counters.SaleAmount, counters.Conversions);
    }

    [Fact]
    public async Task ChangedExternalId_KeepsLeadsAndSalesAndTheOldOneLeadsThere()
    {
        var customers = Host.Get<CustomerStore>();
        var before = await LeadAsync("old");
        for (var i = 0; i < 5; i++)
        {
            var name = $"new {i}";
            Assert.True(await customers.UpdateAsync(before.Id, customer => customer with { ExternalId = name }));
            var again = await Conversions.TrackLeadAsync(new Lead { CustomerExternalId = name, EventName = "Sign Up" }, Cancellation);
            Assert.Equal((ConversionOutcome.Duplicate, before.Id, name), (again.Outcome, again.Customer!.Id, again.Customer.ExternalId));
            Assert.Equal(i + 1, (await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = name, Amount = 1 }, Cancellation)).Customer!.Sales);
            Assert.Equal(before.Id, (await Conversions.FindCustomerAsync("old", Cancellation))!.Id);
        }

        var other = await LeadAsync("other");
        Assert.False(await customers.UpdateAsync(other.Id, customer => customer with { ExternalId = "new 4" }));
        Assert.False(await customers.UpdateAsync(other.Id, customer => customer with { ExternalId = "old" }));
        Assert.True(await customers.DeleteAsync(before.Id));
        Assert.True(await customers.UpdateAsync(other.Id, customer => customer with { ExternalId = "new 4" }));
        Assert.Equal(other.Id, (await Conversions.FindCustomerAsync("new 4", Cancellation))!.Id);
        Assert.Null(await Conversions.FindCustomerAsync("old", Cancellation));
    }

    [Fact]
    public async Task DeletedCustomer_GetsNoSecondLeadAndLeavesNothingPersonal()
    {
        var customer = await LeadAsync("c", email: "ada@example.org");
        Assert.True(await Host.Get<CustomerStore>().DeleteAsync(customer.Id));

        var again = await Conversions.TrackLeadAsync(new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = (await ClickAsync()).Id }, Cancellation);

        Assert.Equal((ConversionOutcome.Duplicate, null), (again.Outcome, again.Customer));
        var list = Host.Get<CustomerList>();
        Assert.Empty(await list.ListAsync(new CustomerQuery(), false, 0, 10, Cancellation));
        Assert.Empty(await list.ListAsync(new CustomerQuery { Email = "ada@example.org" }, false, 0, 10, Cancellation));
        Assert.Equal(0, await list.CountAsync(new CustomerQuery(), Cancellation));
    }

    [Fact]
    public async Task Lists_FollowChangesOfTheAddress()
    {
        var (customers, list) = (Host.Get<CustomerStore>(), Host.Get<CustomerList>());
        var customer = await LeadAsync("c", email: "ada@example.org");
        await LeadAsync("d");

        await customers.UpdateAsync(customer.Id, before => before with { Email = "byron@example.org" });

        Assert.Empty(await list.ListAsync(new CustomerQuery { Email = "ada@example.org" }, false, 0, 10, Cancellation));
        Assert.Equal("c", Assert.Single(await list.ListAsync(new CustomerQuery { Email = "byron@example.org" }, false, 0, 10, Cancellation)).ExternalId);
        Assert.Equal(2, await list.CountAsync(new CustomerQuery { LinkId = _link.Id }, Cancellation));
    }

    [Fact]
    public async Task RandomCallsRetriedAndInParallel_LeaveTheCountersOfTheModel()
    {
        const int customers = 12;
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var connection = await Store.ConnectAsync();
        await using var other = new TestHost(connection, Time);
        Link[] links = [_link, await LinkAsync("two"), await LinkAsync("three")];
        string[] names = ["Sign Up", "Trial", "Seats"];

        // A customer's click, and what a lead stands for, are the same in every call, so that the model need not know who comes first.
        var clicks = await Task.WhenAll(Enumerable.Range(0, customers).Select(customer => ClickAsync(links[customer % links.Length])));
        var calls = new List<Func<IConversions, Task>>();
        var leads = new HashSet<(int Customer, int Name)>();
        var sales = new Dictionary<(int Customer, int Invoice), long>();
        for (var i = 0; i < 300; i++)
        {
            var customer = random.Next(customers);
            var (id, click) = ($"customer {customer}", clicks[customer].Id);
            switch (random.Next(4))
            {
                case 0:
                    var name = random.Next(names.Length);
                    leads.Add((customer, name));
                    Add(conversions => conversions.TrackLeadAsync(new Lead { CustomerExternalId = id, EventName = names[name], ClickId = click, Quantity = name + 1 }));
                    break;
                case 1:
                    Add(conversions => conversions.TrackLeadAsync(new Lead { CustomerExternalId = id, EventName = "Unknown", ClickId = "AAAAAAAAAAAAAAAA" }));
                    break;
                case 2:
                    Add(conversions => conversions.TrackSaleAsync(new Sale { CustomerExternalId = id, Amount = 0, ClickId = click }));
                    break;
                default:
                    var invoice = random.Next(5);
                    sales[(customer, invoice)] = 100 + invoice;
                    leads.Add((customer, 0));
                    Add(async conversions =>
                    {
                        await conversions.TrackLeadAsync(new Lead { CustomerExternalId = id, EventName = names[0], ClickId = click });
                        await conversions.TrackSaleAsync(new Sale { CustomerExternalId = id, Amount = 100 + invoice, InvoiceId = $"in {customer} {invoice}" });
                    });
                    break;
            }
        }

        var order = calls.ToArray();
        random.Shuffle(order);
        var hosts = new[] { Conversions, other.Get<IConversions>() };
        await Parallel.ForEachAsync(order.Index(), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (call, _) => await call.Item(hosts[call.Index % 2]));

        foreach (var (link, at) in links.Select((link, at) => (link, at)))
        {
            var counters = await CountersAsync(link);
            var ofLink = sales.Where(sale => sale.Key.Customer % links.Length == at).ToList();
            Assert.Equal(leads.Where(lead => lead.Customer % links.Length == at).Sum(lead => lead.Name + 1), counters.Leads);
            Assert.Equal(
                (ofLink.Count, ofLink.Sum(sale => sale.Value), ofLink.Select(sale => sale.Key.Customer).Distinct().Count()),
                (counters.Sales, counters.SaleAmount, counters.Conversions));
        }

        for (var customer = 0; customer < customers; customer++)
        {
            var stored = await Conversions.FindCustomerAsync($"customer {customer}", Cancellation);
            var bought = sales.Where(sale => sale.Key.Customer == customer).ToList();
            Assert.Equal((bought.Count, bought.Sum(sale => sale.Value)), (stored?.Sales ?? 0, stored?.SaleAmount ?? 0));
        }

        Assert.Equal(leads.Sum(lead => lead.Name + 1), (await Host.LeadsAsync()).Count);
        Assert.Equal(sales.Count, (await SalesAsync()).Count);
        Assert.Equal(leads.Select(lead => lead.Customer).Distinct().Count(), await Host.Get<CustomerList>().CountAsync(new CustomerQuery(), Cancellation));

        void Add(Func<IConversions, Task> call) => calls.AddRange(Enumerable.Repeat(call, 1 + random.Next(4)));
    }

    [Fact]
    public async Task DeepMetadata_IsReadBack()
    {
        var json = string.Concat(Enumerable.Repeat("{\"a\":", 62)) + "1" + new string('}', 62);

        await Conversions.TrackLeadAsync(
            new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = (await ClickAsync()).Id, Metadata = JsonDocument.Parse(json).RootElement }, Cancellation);
        await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 1, InvoiceId = "1", Metadata = JsonDocument.Parse(json).RootElement }, Cancellation);

        Assert.Equal(json, Assert.Single(await Host.LeadsAsync()).Metadata!.Value.GetRawText());
        Assert.Equal(json, (await Host.Get<SaleTracker>().FindInvoiceAsync("1"))!.Metadata!.Value.GetRawText());
    }

    private async Task<Link> LinkAsync(string key)
    {
        var link = new Link
        {
            Id = Ids.NewRecord("link_", Time.GetUtcNow()),
            Domain = "go.example.com",
            Key = key,
            Url = "https://example.com/",
            CreatedAt = Time.GetUtcNow(),
            UpdatedAt = Time.GetUtcNow(),
        };
        Assert.Equal(LinkOutcome.Written, await Host.Get<LinkStore>().CreateAsync(link));
        return link;
    }

    private async Task<Click> ClickAsync(Link? on = null)
    {
        var link = on ?? _link;
        var click = new Click { Id = Ids.NewEvent(), Timestamp = Time.GetUtcNow(), LinkId = link.Id, Domain = link.Domain, Key = link.Key, Url = link.Url, Country = "DE" };
        await Host.Clicks.RecordAsync(click);
        return click;
    }

    private async Task<Customer> LeadAsync(string customer, string name = "Sign Up", Link? link = null, string? email = null)
        => (await Conversions.TrackLeadAsync(
            new Lead { CustomerExternalId = customer, EventName = name, ClickId = (await ClickAsync(link)).Id, CustomerEmail = email }, Cancellation)).Customer!;

    private Task<LinkCounters> CountersAsync(Link? link = null) => Host.Get<LinkStore>().CountAsync((link ?? _link).Id);

    private async Task<IReadOnlyList<SaleEvent>> SalesAsync()
        => await Host.Events.ReadAsync(EventKind.Sales, Time.GetUtcNow().AddDays(-1), Time.GetUtcNow().AddDays(1)).Select(one => one.Sale!).ToListAsync(Cancellation);
}

/// <summary>On the embedded store.</summary>
public sealed class ConversionsOnGarnet(ITestOutputHelper output) : ConversionContract(StoreKind.Garnet, output);

/// <summary>On a real redis-server.</summary>
public sealed class ConversionsOnRedis(ITestOutputHelper output) : ConversionContract(StoreKind.Redis, output);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class ConversionsOnCluster(ITestOutputHelper output) : ConversionContract(StoreKind.Cluster, output);
