using Dub.Clerk.Conversions;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Deliveries;

/// <summary>Leads and sales of clicks on Dub's links go to Dub, whatever store they are on.</summary>
public abstract class SaleDeliveryContract(StoreKind kind) : StageContract(kind)
{
    private IConversions Conversions => Stage.Host.Get<IConversions>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("in_1")]
    public async Task Sale_GoesToDubAfterItsLeadAndOnce(string? invoiceId)
    {
        var click = await Stage.Host.ClickAsync(id: Stage.Dub.PlantClicks(1)[0], fromDub: true);
        await Conversions.TrackLeadAsync(new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = click.Id }, Cancellation);
        var sale = await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 4900, InvoiceId = invoiceId, PaymentProcessor = "stripe" }, Cancellation);
        Assert.Equal(ConversionOutcome.Recorded, sale.Outcome);

        await Stage.RunUntilEmptyAsync(TimeSpan.FromDays(2));

        Assert.Single(Stage.Dub.Leads);
        var there = Assert.Single(Stage.Dub.Sales);
        Assert.Equal((4900, "usd", "stripe", invoiceId ?? "dubclerk_" + sale.SaleId), (there.Amount, there.Currency, there.PaymentProcessor, there.InvoiceId));
    }

    [Fact]
    public async Task SaleOfALinkOfOurs_StaysHere()
    {
        var link = new Link { Id = "link_1", Domain = "go.example.com", Key = "launch", Url = "https://example.com/", CreatedAt = TestHost.Start, UpdatedAt = TestHost.Start };
        await Stage.Host.Get<LinkStore>().CreateAsync(link);
        var click = await Stage.Host.ClickAsync();
        await Conversions.TrackLeadAsync(new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = click.Id }, Cancellation);
        await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "c", Amount = 4900 }, Cancellation);

        await Stage.RunUntilEmptyAsync(TimeSpan.FromDays(2));

        Assert.Equal(0, Stage.Dub.Calls.Total);
    }

    [Fact]
    public async Task LeadOfAClickThatOnlyDubKnows_IsRecordedHereAndThere()
    {
        var clicks = Stage.Dub.PlantClicks(2);
        var lead = Conversions.TrackLeadAsync(new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = clicks[0], Quantity = 2 }, Cancellation);
        await Stage.WhileRunningAsync(lead);
        var sale = Conversions.TrackSaleAsync(new Sale { CustomerExternalId = "d", Amount = 4900, ClickId = clicks[1], CustomerName = "Ada" }, Cancellation);
        await Stage.WhileRunningAsync(sale);

        Assert.Equal((ConversionOutcome.Recorded, ConversionOutcome.Recorded), ((await lead).Outcome, (await sale).Outcome));
        Assert.Equal(3, (await Stage.Host.LeadsAsync()).Count);
        await Stage.RunUntilEmptyAsync(TimeSpan.FromDays(2));
        Assert.Equal(["c", "d"], Stage.Dub.Leads.Select(there => there.CustomerExternalId).Distinct().Order());
        Assert.Equal(4900, Assert.Single(Stage.Dub.Sales).Amount);
    }

    [Fact]
    public async Task LeadWhileDubIsAway_IsRefusedAndTakenLater()
    {
        var lead = new Lead { CustomerExternalId = "c", EventName = "Sign Up", ClickId = Stage.Dub.PlantClicks(1)[0] };
        Stage.Dub.Faults.Script("/track/lead", FaultKind.ServerErrorBefore);

        Assert.Equal(ConversionOutcome.DubAway, await OutcomeAsync(lead));
        Assert.Null(await Conversions.FindCustomerAsync("c", Cancellation));
        Assert.Equal(ConversionOutcome.UnknownClick, await OutcomeAsync(lead with { ClickId = "AAAAAAAAAAAAAAAA" }));
        Assert.Equal(ConversionOutcome.UnknownClick, await OutcomeAsync(lead with { ClickId = ClickId.InstallCheck }));
        Assert.Equal(ConversionOutcome.Recorded, await OutcomeAsync(lead));

        async Task<ConversionOutcome> OutcomeAsync(Lead asked)
        {
            var tracking = Conversions.TrackLeadAsync(asked, Cancellation);
            await Stage.WhileRunningAsync(tracking);
            return (await tracking).Outcome;
        }
    }

    [Fact]
    public async Task SaleThroughAStorm_IsAtDubOnce()
    {
        Stage.Dub.Faults.SetStorm(0.5);
        for (var i = 0; i < 10; i++)
        {
            var click = await Stage.Host.ClickAsync(id: Stage.Dub.PlantClicks(1)[0], fromDub: true);
            var lead = await Conversions.TrackLeadAsync(new Lead { CustomerExternalId = $"c{i}", EventName = "Sign Up", ClickId = click.Id }, Cancellation);
            var sale = await Conversions.TrackSaleAsync(new Sale { CustomerExternalId = $"c{i}", Amount = 100 + i }, Cancellation);
            Assert.Equal((ConversionOutcome.Recorded, ConversionOutcome.Recorded), (lead.Outcome, sale.Outcome));
        }

        await Stage.RunUntilEmptyAsync(TimeSpan.FromDays(30));

        // A sale is also lost when it is given up, and then it says why.
        Assert.Empty((await Stage.Host.Get<OutboxStore>().ListAsync(OutboxDestination.Dub, dead: true, take: 20)).Select(entry => $"{entry.Item} {entry.Attempts} {entry.Error} {System.Text.Encoding.UTF8.GetString(entry.Json.Span)}"));
        Assert.Equal(Enumerable.Range(100, 10).Select(amount => (long)amount), Stage.Dub.Sales.Select(sale => sale.Amount).Order());
    }
}

/// <summary>On the embedded store.</summary>
public sealed class SaleDeliveriesOnGarnet() : SaleDeliveryContract(StoreKind.Garnet);

/// <summary>On a real redis-server.</summary>
public sealed class SaleDeliveriesOnRedis() : SaleDeliveryContract(StoreKind.Redis);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class SaleDeliveriesOnCluster() : SaleDeliveryContract(StoreKind.Cluster);
