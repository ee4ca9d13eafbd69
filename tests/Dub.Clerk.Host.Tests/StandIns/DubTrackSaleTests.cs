using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>The stand-in's <c>/track/sale</c>.</summary>
public sealed class DubTrackSaleTests : IAsyncLifetime
{
    private DubCaller _caller = null!;

    public async ValueTask InitializeAsync() => _caller = await DubCaller.StartAsync();

    public ValueTask DisposeAsync() => _caller.DisposeAsync();

    [Fact]
    public async Task Sale_OfACustomerWithALead_IsRecorded()
    {
        await _caller.LeadAsync();
        await _caller.UntilLeadsAsync(1);

        var (status, reply) = await SellAsync();
        await UntilSalesAsync(1);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"amount":4900,"currency":"eur","paymentProcessor":"custom","invoiceId":"in_1","metadata":null}""", reply.GetProperty("sale").GetRawText());
        var customer = Assert.Single(_caller.Dub.Customers);
        Assert.Equal((1, 4900L), (customer.Sales, customer.SaleAmount));
    }

    [Fact]
    public async Task Sale_OfACustomerWithADeferredLeadOnly_IsNotFound()
    {
        await _caller.LeadAsync("deferred");

        var (status, error) = await SellAsync();

        Assert.Equal((HttpStatusCode.NotFound, "Lead event not found for externalId: user_1 and leadEventName: null"), (status, error.Message()));
    }

    [Fact]
    public async Task Sale_RightAfterALead_NeedsTheModeThatWaits()
    {
        _caller.Dub.Options.RecordingDelay = TimeSpan.FromMinutes(1);
        await _caller.LeadAsync("async", user: "user_1");
        await _caller.LeadAsync("wait", user: "user_2");

        Assert.Equal(HttpStatusCode.NotFound, (await SellAsync("user_1")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SellAsync("user_2")).Status);
    }

    [Fact]
    public async Task SameInvoice_IsAnsweredAgainAndRecordedOnce()
    {
        await _caller.LeadAsync();
        await _caller.UntilLeadsAsync(1);

        var (_, first) = await SellAsync();
        await UntilSalesAsync(1);
        var (_, again) = await SellAsync(amount: 1);
        _caller.Time.Advance(TimeSpan.FromDays(7));
        await SellAsync();
        await UntilSalesAsync(2);

        Assert.Equal(first.GetRawText(), again.GetRawText());
    }

    [Fact]
    public async Task Sale_OfNobody_IsSilent()
    {
        var (status, reply) = await SellAsync();

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"eventName":"Purchase","customer":null,"sale":null}""", reply.GetRawText());
        Assert.Empty(_caller.Dub.Customers);
    }

    [Fact]
    public async Task SaleWithAClick_MakesTheCustomerAndTheLead()
    {
        var (_, reply) = await SellAsync(click: DubCaller.Click);
        await UntilSalesAsync(1);

        Assert.Equal(DubCaller.User, reply.GetProperty("customer").GetProperty("externalId").GetString());
        Assert.Equal("Direct sale tracking lead event", Assert.Single(_caller.Dub.Leads).EventName);
    }

    [Fact]
    public async Task SaleOfNothing_IsNotRecorded()
    {
        await _caller.LeadAsync();
        await _caller.UntilLeadsAsync(1);

        var (_, reply) = await SellAsync(amount: 0);

        Assert.Equal(JsonValueKind.Null, reply.GetProperty("sale").ValueKind);
        Assert.Empty(_caller.Dub.Sales);
    }

    [Theory]
    [InlineData("{}", "invalid_type: amount: amount is required")]
    [InlineData("""{"amount":-1}""", "too_small: amount: amount cannot be negative")]
    [InlineData("""{"amount":1.5}""", "invalid_type: amount: Invalid input: expected int, received number")]
    [InlineData("""{"amount":1,"currency":null}""", "invalid_type: currency: Invalid input: expected string, received null")]
    public async Task FaultyBody_IsRefusedInDubsWords(string body, string message)
    {
        var (status, error) = await _caller.PostAsync("/track/sale", body);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, message), (status, error.Message()));
    }

    private Task<(HttpStatusCode Status, JsonElement Json)> SellAsync(string user = DubCaller.User, long amount = 4900, string? click = null)
        => _caller.PostAsync("/track/sale", new JsonObject { ["customerExternalId"] = user, ["amount"] = amount, ["currency"] = "EUR", ["invoiceId"] = "in_1", ["clickId"] = click });

    private Task UntilSalesAsync(int count) => Poll.UntilAsync(() => _caller.Dub.Sales.Count == count, $"there are {count} sales");
}
