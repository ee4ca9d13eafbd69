using System.Net;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>The stand-in's <c>/track/lead</c> behaves as Dub's does, traps included.</summary>
public sealed class DubTrackLeadTests
{
    [Fact]
    public async Task Lead_IsAnsweredInFullAndRecordedOnce()
    {
        await using var caller = await DubCaller.StartAsync();
        var call = DubCaller.LeadCall();
        call["customerName"] = "Ada";
        call["customerEmail"] = "ada@example.org";

        var (status, reply) = await caller.PostAsync("/track/lead", call);
        await caller.UntilLeadsAsync(1);

        Assert.Equal(HttpStatusCode.OK, status);
        var link = reply.GetProperty("link");
        Assert.Equal(["click", "link", "customer"], reply.EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            ["id", "domain", "key", "shortLink", "url", "partnerId", "programId", "tenantId", "externalId"], link.EnumerateObject().Select(field => field.Name));
        Assert.Equal(DubCaller.Click, reply.GetProperty("click").GetProperty("id").GetString());
        Assert.Equal("""{"name":"Ada","email":"ada@example.org","avatar":null,"externalId":"user_1"}""", reply.GetProperty("customer").GetRawText());
        var lead = Assert.Single(caller.Dub.Leads);
        Assert.Equal((DubCaller.User, "Sign Up", DubCaller.Click), (lead.CustomerExternalId, lead.EventName, lead.ClickId));
    }

    [Theory]
    [InlineData("Sign Up")]
    [InlineData("sign-up")]
    public async Task SecondCallOfTheSameEvent_IsSilentForSevenDays(string eventName)
    {
        await using var caller = await DubCaller.StartAsync();
        await caller.LeadAsync();
        var again = DubCaller.LeadCall(click: "Click00000000002");
        again["eventName"] = eventName;
        again["customerName"] = "Somebody else";

        caller.Time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        var (status, duplicate) = await caller.PostAsync("/track/lead", again);
        caller.Time.Advance(TimeSpan.FromSeconds(2));
        var (_, after) = await caller.LeadAsync();
        await caller.UntilLeadsAsync(2);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False(duplicate.HasLink());
        Assert.Equal("Click00000000002", duplicate.GetProperty("click").GetProperty("id").GetString());
        Assert.NotEqual("Somebody else", duplicate.GetProperty("customer").GetProperty("name").GetString());
        Assert.True(after.HasLink());
    }

    [Fact]
    public async Task UnknownClick_BurnsTheKey()
    {
        await using var caller = await DubCaller.StartAsync();

        var (status, error) = await caller.LeadAsync(click: "Unknown000000001");
        caller.Dub.PlantClicks(["Unknown000000001"]);
        var (_, retry) = await caller.LeadAsync(click: "Unknown000000001");
        caller.Time.Advance(TimeSpan.FromDays(7));
        var (_, late) = await caller.LeadAsync(click: "Unknown000000001");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal("Click event not found for clickId: Unknown000000001", error.Message());
        Assert.Equal("https://dub.co/docs/api-reference/errors#not-found", error.GetProperty("error").GetProperty("doc_url").GetString());
        Assert.False(retry.HasLink());
        Assert.True(late.HasLink());
        await caller.UntilLeadsAsync(1);
    }

    [Fact]
    public async Task DeferredCall_MakesTheCustomerTakesNoKeyAndRecordsNothing()
    {
        await using var caller = await DubCaller.StartAsync();

        var (_, first) = await caller.LeadAsync("deferred");
        var (_, second) = await caller.LeadAsync("deferred");
        var (_, real) = await caller.LeadAsync(click: string.Empty);
        await caller.UntilLeadsAsync(1);

        Assert.True(first.HasLink());
        Assert.True(second.HasLink());
        Assert.True(real.HasLink());
        Assert.Single(caller.Dub.Customers);
        Assert.Equal(DubCaller.Click, Assert.Single(caller.Dub.Leads).ClickId);
    }

    [Fact]
    public async Task DeferredCallOfAnUnknownClick_MakesNoCustomer()
    {
        await using var caller = await DubCaller.StartAsync();

        var (status, _) = await caller.LeadAsync("deferred", click: "Unknown000000001");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Empty(caller.Dub.Customers);
    }

    [Fact]
    public async Task NoClickAndNoCustomer_IsRefusedBeforeTheKeyIsTaken()
    {
        await using var caller = await DubCaller.StartAsync();

        var (status, error) = await caller.LeadAsync(click: string.Empty);
        var (_, retry) = await caller.LeadAsync();

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("The `clickId` property was not provided", error.Message(), StringComparison.Ordinal);
        Assert.True(retry.HasLink());
    }

    [Fact]
    public async Task LaterLead_IsCreditedToItsOwnClickAndChangesNoCustomer()
    {
        await using var caller = await DubCaller.StartAsync();
        caller.Dub.PlantClicks(["Click00000000002"]);
        await caller.LeadAsync();
        var other = DubCaller.LeadCall(click: "Click00000000002");
        other["eventName"] = "Trial";
        other["customerName"] = "New name";

        var (_, reply) = await caller.PostAsync("/track/lead", other);
        await caller.UntilLeadsAsync(2);

        Assert.NotEqual("New name", reply.GetProperty("customer").GetProperty("name").GetString());
        Assert.Equal("Click00000000002", caller.Dub.Leads.Single(lead => lead.EventName == "Trial").ClickId);
        Assert.Equal(DubCaller.Click, Assert.Single(caller.Dub.Customers).Click.Id);
    }

    [Fact]
    public async Task Recording_ComesAfterTheReply()
    {
        await using var caller = await DubCaller.StartAsync();
        caller.Dub.Options.RecordingDelay = TimeSpan.FromSeconds(10);

        await caller.LeadAsync();
        Assert.Empty(caller.Dub.Leads);

        // The delay begins in the background, so the clock is moved until it has.
        await Testing.Poll.UntilAsync(
            () =>
            {
                caller.Time.Advance(TimeSpan.FromSeconds(10));
                return caller.Dub.Leads.Count == 1;
            },
            "the lead is recorded");
    }

    [Fact]
    public async Task Quantity_RecordsThatManyLeads()
    {
        await using var caller = await DubCaller.StartAsync();
        var call = DubCaller.LeadCall();
        call["eventQuantity"] = 3;

        await caller.PostAsync("/track/lead", call);
        await caller.UntilLeadsAsync(3);

        Assert.Equal(3, caller.Dub.Leads.Select(lead => lead.EventId).Distinct().Count());
    }

    [Fact]
    public async Task ParallelCallsOfOneLead_RecordOne()
    {
        await using var caller = await DubCaller.StartAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => caller.LeadAsync()));
        await caller.UntilLeadsAsync(1);

        Assert.Single(replies, reply => reply.Json.HasLink());
        Assert.Equal(20, caller.Dub.Calls.Count("/track/lead", DubCaller.User, "async"));
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest, "Invalid JSON format in request body. Please ensure the request body is a valid JSON object.")]
    [InlineData("[]", HttpStatusCode.UnprocessableEntity, "invalid_type: : Invalid input: expected object, received array")]
    [InlineData("""{"clickId":5}""", HttpStatusCode.UnprocessableEntity, "invalid_type: clickId: Invalid input: expected string, received number")]
    [InlineData("{}", HttpStatusCode.UnprocessableEntity, "invalid_type: eventName: Invalid input: expected string, received undefined")]
    [InlineData("""{"eventName":null}""", HttpStatusCode.UnprocessableEntity, "invalid_type: eventName: Invalid input: expected string, received null")]
    [InlineData("""{"eventName":"  "}""", HttpStatusCode.UnprocessableEntity, "too_small: eventName: eventName is required")]
    [InlineData("""{"eventName":"\ud800"}""", HttpStatusCode.UnprocessableEntity, "invalid_type: eventName: Invalid input: expected string, received string")]
    [InlineData("""{"eventName":"e"}""", HttpStatusCode.BadRequest, "customerExternalId is required")]
    [InlineData("""{"eventName":"e","customerEmail":""}""", HttpStatusCode.UnprocessableEntity, "invalid_format: customerEmail: Invalid email address")]
    [InlineData("""{"eventName":"e","customerEmail":"zoë@example.org"}""", HttpStatusCode.UnprocessableEntity, "invalid_format: customerEmail: Invalid email address")]
    [InlineData("""{"eventName":"e","mode":null}""", HttpStatusCode.UnprocessableEntity, """invalid_value: mode: Invalid option: expected one of "async"|"wait"|"deferred" """)]
    [InlineData("""{"eventName":"e","eventQuantity":0}""", HttpStatusCode.UnprocessableEntity, "too_small: eventQuantity: Too small: expected number to be >0")]
    [InlineData("""{"eventName":"e","eventQuantity":1.5}""", HttpStatusCode.UnprocessableEntity, "invalid_type: eventQuantity: Invalid input: expected int, received number")]
    [InlineData("""{"eventName":"e","eventQuantity":101}""", HttpStatusCode.UnprocessableEntity, "too_big: eventQuantity: Too big: expected number to be <=100")]
    [InlineData("""{"eventName":"e","metadata":"m"}""", HttpStatusCode.UnprocessableEntity, "invalid_type: metadata: Invalid input: expected record, received string")]
    public async Task FaultyBody_IsRefusedInDubsWords(string body, HttpStatusCode expected, string message)
    {
        await using var caller = await DubCaller.StartAsync();

        var (status, error) = await caller.PostAsync("/track/lead", body);

        Assert.Equal(expected, status);
        Assert.Equal(message.TrimEnd(), error.Message());
        Assert.Equal(expected == HttpStatusCode.BadRequest ? "bad_request" : "unprocessable_entity", error.Code());
    }

    [Theory]
    [InlineData("customerName", 100, "too_big: customerName: Too big: expected string to have <=100 characters")]
    [InlineData("eventName", 255, "too_big: eventName: Too big: expected string to have <=255 characters")]
    public async Task LongText_IsRefusedBeyondTheLimitOnly(string field, int limit, string message)
    {
        await using var caller = await DubCaller.StartAsync();
        var call = DubCaller.LeadCall();

        call[field] = new string('x', limit + 1);
        var (tooLong, error) = await caller.PostAsync("/track/lead", call);
        call[field] = new string('x', limit);
        var (fits, _) = await caller.PostAsync("/track/lead", call);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, message), (tooLong, error.Message()));
        Assert.Equal(HttpStatusCode.OK, fits);
    }

    [Fact]
    public async Task Metadata_MayHaveTenThousandCharacters()
    {
        await using var caller = await DubCaller.StartAsync();
        var call = DubCaller.LeadCall();

        call["metadata"] = new JsonObject { ["k"] = new string('ë', 10_001 - """{"k":""}""".Length) };
        var (tooLong, error) = await caller.PostAsync("/track/lead", call);
        call["metadata"] = new JsonObject { ["k"] = new string('ë', 10_000 - """{"k":""}""".Length) };
        var (fits, _) = await caller.PostAsync("/track/lead", call);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "custom: metadata: Metadata must be less than 10,000 characters when stringified"), (tooLong, error.Message()));
        Assert.Equal(HttpStatusCode.OK, fits);
    }

    [Fact]
    public async Task UnderApi_TheSameIsServedAndCounted()
    {
        await using var caller = await DubCaller.StartAsync();

        var (_, first) = await caller.PostAsync("/api/track/lead", DubCaller.LeadCall());
        var (_, second) = await caller.LeadAsync();

        Assert.True(first.HasLink());
        Assert.False(second.HasLink());
        Assert.Equal(2, caller.Dub.Calls.Count("/track/lead"));
    }
}
