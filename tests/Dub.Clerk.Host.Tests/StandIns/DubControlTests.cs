using System.Net;
using System.Text.Json;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>What another process reads of the stand-in and tells it.</summary>
public sealed class DubControlTests : IAsyncLifetime
{
    private DubCaller _caller = null!;

    public async ValueTask InitializeAsync() => _caller = await DubCaller.StartAsync();

    public ValueTask DisposeAsync() => _caller.DisposeAsync();

    [Fact]
    public async Task LeadsAndCalls_AreTold()
    {
        await _caller.LeadAsync("deferred");
        await _caller.LeadAsync();
        await _caller.PostAsync("/track/lead", "{");
        await _caller.GetAsync("/customers/ext_user_1");
        await _caller.UntilLeadsAsync(1);

        var (_, leads) = await _caller.GetAsync("/_stand-in/leads");
        var (_, calls) = await _caller.GetAsync("/_stand-in/calls");

        var lead = Assert.Single(leads.EnumerateArray());
        Assert.Equal(["customerExternalId", "eventName", "clickId", "recordedAt"], lead.EnumerateObject().Select(field => field.Name));
        Assert.Equal(DubCaller.User, lead.GetProperty("customerExternalId").GetString());
        Assert.Equal(4, calls.GetProperty("total").GetInt32());
        Assert.Equal(3, calls.GetProperty("byPath").GetProperty("/track/lead").GetInt32());
        Assert.Equal(
            ["/customers/{id} user_1 ", "/track/lead  async", "/track/lead user_1 async", "/track/lead user_1 deferred"],
            calls.GetProperty("byCustomer").EnumerateArray().Select(call => $"{call.GetProperty("path")} {call.GetProperty("customer")} {call.GetProperty("mode")}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Clicks_ArePlantedByNumberAndById()
    {
        var (_, two) = await _caller.PostAsync("/_stand-in/clicks", """{"count":2}""");
        var (_, named) = await _caller.PostAsync("/_stand-in/clicks", """{"ids":["Named00000000001"]}""");

        var ids = two.GetProperty("clickIds").EnumerateArray().Concat(named.GetProperty("clickIds").EnumerateArray()).Select(id => id.GetString()!).ToList();
        Assert.Equal((3, "Named00000000001"), (ids.Count, ids[^1]));
        foreach (var id in ids)
        {
            Assert.True((await _caller.LeadAsync(user: id, click: id)).Json.HasLink());
        }
    }

    [Fact]
    public async Task Faults_AreSetScriptedToldAndCleared()
    {
        await _caller.PostAsync("/_stand-in/faults", """{"path":"/track/lead","script":["forbidden",null],"chances":{"ServerErrorBefore":1}}""");

        Assert.Equal(HttpStatusCode.Forbidden, (await _caller.LeadAsync("deferred")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _caller.LeadAsync("deferred")).Status);
        Assert.Equal(HttpStatusCode.InternalServerError, (await _caller.LeadAsync("deferred")).Status);
        var (_, faults) = await _caller.GetAsync("/_stand-in/faults");
        Assert.Equal("""{"injected":{"Forbidden":1,"ServerErrorBefore":1},"chances":{"/track/lead":{"ServerErrorBefore":1}}}""", faults.GetRawText());

        await _caller.PostAsync("/_stand-in/faults", """{"clear":true}""");
        Assert.Equal(HttpStatusCode.OK, (await _caller.LeadAsync("deferred")).Status);
        await _caller.PostAsync("/_stand-in/faults", """{"storm":0.3}""");
        Assert.Equal(0.3, _caller.Dub.Faults.Chances["*"].Values.Sum(), 6);
    }

    [Fact]
    public async Task Settings_HoldFromTheNextCallOn()
    {
        await _caller.PostAsync("/_stand-in/settings", """{"key":"revoked","ingestionLag":"00:01:00"}""");

        Assert.Equal(HttpStatusCode.Unauthorized, (await _caller.LeadAsync()).Status);
        Assert.Equal(TimeSpan.FromMinutes(1), _caller.Dub.Options.IngestionLag);
        await _caller.PostAsync("/_stand-in/settings", """{"key":"valid","limit":0}""");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await _caller.LeadAsync()).Status);
    }

    [Fact]
    public async Task Reset_ForgetsEverythingEvenWhatIsStillToBeRecorded()
    {
        await _caller.LeadAsync(user: "user_1");
        _caller.Dub.Options.RecordingDelay = TimeSpan.FromMinutes(1);
        await _caller.LeadAsync(user: "user_2");
        _caller.Dub.Faults.Set(FaultKind.ResetBefore, 1);

        await _caller.PostAsync("/_stand-in/reset", "{}");
        _caller.Dub.PlantClicks([DubCaller.Click]);
        _caller.Dub.Options.RecordingDelay = TimeSpan.Zero;
        var (_, again) = await _caller.LeadAsync(user: "user_1");
        _caller.Time.Advance(TimeSpan.FromMinutes(2));
        await _caller.UntilLeadsAsync(1);

        Assert.True(again.HasLink());
        Assert.Equal(1, _caller.Dub.Calls.Total);
        Assert.Equal("user_1", Assert.Single(_caller.Dub.Leads).CustomerExternalId);
    }

    [Theory]
    [InlineData("faults", "{")]
    [InlineData("faults", "null")]
    [InlineData("faults", """{"storm":2}""")]
    [InlineData("faults", """{"chances":{"nonsense":1}}""")]
    [InlineData("settings", """{"limits":1}""")]
    [InlineData("settings", """{"holdAtMost":"-00:00:01"}""")]
    [InlineData("clicks", """{"count":-1}""")]
    public async Task FaultyControl_IsABadRequest(string what, string body)
    {
        var (status, error) = await _caller.PostAsync("/_stand-in/" + what, body);

        Assert.Equal((HttpStatusCode.BadRequest, JsonValueKind.Object), (status, error.GetProperty("error").ValueKind));
    }
}
