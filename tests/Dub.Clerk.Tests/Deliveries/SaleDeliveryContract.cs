using Dub.Clerk.Conversions;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Deliveries;

/// <summary>Leads and sales of clicks on Dub's links go to Dub, whatever store they are on.</summary>
public abstract class SaleDeliveryContract(StoreKind kind) : IAsyncLifetime
{
    private DeliveryStage _stage = null!;

    private IConversions Conversions => _stage.Host.Get<IConversions>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(TestStore.MissingReason(kind) is not null, TestStore.MissingReason(kind) ?? string.Empty);
        _stage = await DeliveryStage.StartAsync(kind);
        _stage.Dub.Options.HoldAtMost = TimeSpan.FromSeconds(1);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stage is not null)
        {
            await _stage.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("in_1")]
    public async Task Sale_GoesToDubAfterItsLeadAndOnce(string? invoiceId)
    {
        var click = await _stage.Host.ClickAsync(id: _stage.Dub.PlantClicks(1)[0], fromDub: true);
        await Conversions.TrackLeadAsync(new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = click.Id }, Cancellation);
        var sale = await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 4900, InvoiceId = invoiceId, PaymentProcessor = "stripe" }, Cancellation);
        Assert.Equal(ConversionOutcome.Recorded, sale.Outcome);

        await _stage.RunUntilEmptyAsync(TimeSpan.FromDays(2));

        Assert.Single(_stage.Dub.Leads);
        var there = Assert.Single(_stage.Dub.Sales);
        Assert.Equal((4900, "usd", "stripe", invoiceId ?? "dubclerk_" + sale.SaleId), (there.Amount, there.Currency, there.PaymentProcessor, there.InvoiceId));
    }

    [Fact]
    public async Task SaleOfALinkOfOurs_StaysHere()
    {
        var link = new Link { Id = "link_1", Domain = "go.example.com", Key = "launch", Url = "https://example.com/", CreatedAt = TestHost.Start, UpdatedAt = TestHost.Start };
        await _stage.Host.Get<LinkStore>().CreateAsync(link);
        var click = await _stage.Host.ClickAsync();
        await Conversions.TrackLeadAsync(new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = click.Id }, Cancellation);
        await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 4900 }, Cancellation);

        await _stage.RunUntilEmptyAsync(TimeSpan.FromDays(2));

        Assert.Equal(0, _stage.Dub.Calls.Total);
    }

    [Fact]
    public async Task LeadOfAClickThatOnlyDubKnows_IsRecordedHereAndThere()
    {
        var clicks = _stage.Dub.PlantClicks(2);
        var lead = Conversions.TrackLeadAsync(new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = clicks[0], Quantity = 2 }, Cancellation);
        await _stage.WhileRunningAsync(lead);
        var sale = Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "d", Amount = 4900, ClickId = clicks[1], CustomerName = "Ada" }, Cancellation);
        await _stage.WhileRunningAsync(sale);

        Assert.Equal((ConversionOutcome.Recorded, ConversionOutcome.Recorded), ((await lead).Outcome, (await sale).Outcome));
        Assert.Equal(3, (await _stage.Host.LeadsAsync()).Count);
        await _stage.RunUntilEmptyAsync(TimeSpan.FromDays(2));
        Assert.Equal(["c", "d"], _stage.Dub.Leads.Select(there => there.CustomerExternalId).Distinct().Order());
        Assert.Equal(4900, Assert.Single(_stage.Dub.Sales).Amount);
    }

    [Fact]
    public async Task LeadWhileDubIsAway_IsRefusedAndTakenLater()
    {
        var lead = new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = _stage.Dub.PlantClicks(1)[0] };
        _stage.Dub.Faults.Script("/track/lead", FaultKind.ServerErrorBefore);

        Assert.Equal(ConversionOutcome.DubAway, await OutcomeAsync(lead));
        Assert.Null(await Conversions.FindCustomerAsync("c", Cancellation));
        Assert.Equal(ConversionOutcome.UnknownClick, await OutcomeAsync(lead with { ClickId = "AAAAAAAAAAAAAAAA" }));
        Assert.Equal(ConversionOutcome.UnknownClick, await OutcomeAsync(lead with { ClickId = ClickId.InstallCheck }));
        Assert.Equal(ConversionOutcome.Recorded, await OutcomeAsync(lead));

        async Task<ConversionOutcome> OutcomeAsync(Lead asked)
        {
            var tracking = Conversions.TrackLeadAsync(asked, Cancellation);
            await _stage.WhileRunningAsync(tracking);
            return (await tracking).Outcome;
        }
    }

    [Fact]
    public async Task SaleThroughAStorm_IsAtDubOnce()
    {
        _stage.Dub.Faults.SetStorm(0.5);
        for (var i = 0; i < 10; i++)
        {
            var click = await _stage.Host.ClickAsync(id: _stage.Dub.PlantClicks(1)[0], fromDub: true);
            var lead = await Conversions.TrackLeadAsync(new Lead { CustomerExternalId = $"c{i}", EventName = "Sign Up", ClickId = click.Id }, Cancellation);
            var sale = await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = $"c{i}", Amount = 100 + i }, Cancellation);
            Assert.Equal((ConversionOutcome.Recorded, ConversionOutcome.Recorded), (lead.Outcome, sale.Outcome));
        }

        await _stage.RunUntilEmptyAsync(TimeSpan.FromDays(30));

        // A sale is also lost when it is given up, and then it says why.
        Assert.Empty((await _stage.Host.Get<OutboxStore>().ListAsync(OutboxDestination.Dub, dead: true, take: 20)).Select(entry => $"{entry.Item} {entry.Attempts} {entry.Error} {System.Text.Encoding.UTF8.GetString(entry.Json.Span)}"));
        Assert.Equal(Enumerable.Range(100, 10).Select(amount => (long)amount), _stage.Dub.Sales.Select(sale => sale.Amount).Order());
    }
}

/// <summary>On the embedded store.</summary>
public sealed class SaleDeliveriesOnGarnet() : SaleDeliveryContract(StoreKind.Garnet);

/// <summary>On a real redis-server.</summary>
public sealed class SaleDeliveriesOnRedis() : SaleDeliveryContract(StoreKind.Redis);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class SaleDeliveriesOnCluster() : SaleDeliveryContract(StoreKind.Cluster);
