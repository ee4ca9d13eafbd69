using System.Net;
using System.Text.Json;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>What the stand-in shows of what it has recorded, and when.</summary>
public sealed class DubEventsTests
{
    [Fact]
    public async Task Leads_AreListedByCustomerWithTheirClick()
    {
        await using var caller = await StartAsync();
        await caller.LeadAsync(user: "user_1");
        await caller.LeadAsync(user: "user_2");
        await caller.UntilLeadsAsync(2);
        var customer = caller.Dub.Customers.Single(customer => customer.ExternalId == "user_2");

        var (_, all) = await caller.GetAsync("/events?event=leads");
        var (_, one) = await caller.GetAsync($"/events?event=leads&customerId={customer.Id}");
        var (_, none) = await caller.GetAsync("/events?event=leads&customerId=cus_none");

        Assert.Equal(2, all.GetArrayLength());
        Assert.Equal(0, none.GetArrayLength());
        var lead = Assert.Single(one.EnumerateArray());
        Assert.Equal("user_2", lead.GetProperty("customer").GetProperty("externalId").GetString());
        Assert.Equal(DubCaller.Click, lead.GetProperty("click").GetProperty("id").GetString());
        Assert.Equal(DubCaller.Click, lead.GetProperty("click_id").GetString());
        Assert.Equal(JsonValueKind.Number, lead.GetProperty("qr").ValueKind);
        Assert.False(lead.TryGetProperty("metadata", out _));
    }

    [Fact]
    public async Task Lead_ShowsOnlyWhenItIsIngested()
    {
        await using var caller = await StartAsync();
        caller.Dub.Options.IngestionLag = TimeSpan.FromSeconds(30);
        await caller.LeadAsync();
        await caller.UntilLeadsAsync(1);

        var (_, early) = await caller.GetAsync("/events?event=leads");
        caller.Time.Advance(TimeSpan.FromSeconds(30));
        var (_, late) = await caller.GetAsync("/events?event=leads");

        Assert.Equal((0, 1), (early.GetArrayLength(), late.GetArrayLength()));
    }

    [Fact]
    public async Task Click_ThatIsIngestedLate_IsFoundInItsFirstFiveMinutesAndThenNotUntilItIs()
    {
        await using var caller = await StartAsync();
        caller.Dub.Options.IngestionLag = TimeSpan.FromMinutes(20);

        var (atOnce, _) = await caller.LeadAsync("deferred", user: "user_1");
        caller.Time.Advance(TimeSpan.FromMinutes(6));
        var (between, _) = await caller.LeadAsync("deferred", user: "user_2");
        caller.Time.Advance(TimeSpan.FromMinutes(14));
        var (ingested, _) = await caller.LeadAsync("deferred", user: "user_3");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.OK), (atOnce, between, ingested));
    }

    [Fact]
    public async Task LeadOlderThanAMonth_ShowsOnlyWhenItIsAskedFor()
    {
        await using var caller = await StartAsync();
        await caller.LeadAsync();
        await caller.UntilLeadsAsync(1);
        caller.Time.Advance(TimeSpan.FromDays(31));

        var (_, month) = await caller.GetAsync("/events?event=leads");
        var (_, all) = await caller.GetAsync("/events?event=leads&interval=all");
        var (_, since) = await caller.GetAsync("/events?event=leads&start=2026-01-01");

        Assert.Equal((0, 1, 1), (month.GetArrayLength(), all.GetArrayLength(), since.GetArrayLength()));
    }

    [Fact]
    public async Task Pages_GoThroughAllNewestFirst()
    {
        await using var caller = await StartAsync();
        for (var user = 1; user <= 3; user++)
        {
            await caller.LeadAsync(user: $"user_{user}");
            await caller.UntilLeadsAsync(user);
            caller.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var (_, first) = await caller.GetAsync("/events?event=leads&limit=2");
        var (_, second) = await caller.GetAsync("/events?event=leads&limit=2&page=2");
        var (_, oldest) = await caller.GetAsync("/events?event=leads&limit=1&sortOrder=asc");

        Assert.Equal(["user_3", "user_2", "user_1", "user_1"], new[] { first, second, oldest }.SelectMany(page => page.EnumerateArray())
            .Select(lead => lead.GetProperty("customer").GetProperty("externalId").GetString()));
    }

    [Theory]
    [InlineData("event=composite", """invalid_value: event: Invalid option: expected one of "clicks"|"leads"|"sales" """)]
    [InlineData("limit=1001", "too_big: limit: Max limit is 1000.")]
    public async Task FaultyQuery_IsRefused(string query, string message)
    {
        await using var caller = await StartAsync();

        var (status, error) = await caller.GetAsync("/events?" + query);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, message.TrimEnd()), (status, error.Message()));
    }

    private static Task<DubCaller> StartAsync() => DubCaller.StartAsync(time => new DubStandInOptions { Time = time, EventsLimit = 100 });
}
