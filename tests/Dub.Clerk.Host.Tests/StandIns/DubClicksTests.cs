using System.Net;
using System.Text.Json.Nodes;
using System.Web;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>Links and clicks of the stand-in, as a visitor and as Dub's script make them.</summary>
public sealed class DubClicksTests : IAsyncLifetime
{
    private DubCaller _caller = null!;
    private HttpClient _visitor = null!;

    public async ValueTask InitializeAsync()
    {
        _caller = await DubCaller.StartAsync();
        _visitor = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _caller.Dub.Address };
        _visitor.DefaultRequestHeaders.Add("User-Agent", "Mozilla/5.0");
        await CreateAsync("launch", trackConversion: true);
    }

    public ValueTask DisposeAsync()
    {
        _visitor.Dispose();
        return _caller.DisposeAsync();
    }

    [Fact]
    public async Task ShortLink_HandsItsClickOnAndTheClickMakesALead()
    {
        var clickId = await FollowAsync("/LAUNCH");

        Assert.True(ClickId.IsValid(clickId));
        Assert.Equal(HttpStatusCode.OK, (await _caller.LeadAsync(click: clickId!)).Status);
    }

    [Fact]
    public async Task SameVisitorWithinAnHour_IsOneClick()
    {
        var first = await FollowAsync("/launch");
        var again = await FollowAsync("/launch");
        _caller.Time.Advance(TimeSpan.FromHours(1));
        var later = await FollowAsync("/launch");

        Assert.Equal(first, again);
        Assert.NotEqual(first, later);
        Assert.Equal(2, await ClicksAsync());
    }

    [Fact]
    public async Task Bot_GetsAnIdThatNoClickStandsBehind()
    {
        _visitor.DefaultRequestHeaders.Remove("User-Agent");
        _visitor.DefaultRequestHeaders.Add("User-Agent", "curl/8.0");

        var clickId = await FollowAsync("/launch");

        Assert.Equal(HttpStatusCode.NotFound, (await _caller.LeadAsync(click: clickId!)).Status);
        Assert.Equal(0, await ClicksAsync());
    }

    [Fact]
    public async Task LinkWithoutTracking_KeepsItsClickToItself()
    {
        await CreateAsync("plain", trackConversion: false);

        Assert.Null(await FollowAsync("/plain"));
    }

    [Fact]
    public async Task TrackClick_NeedsNoKeyAndSharesTheVisitorsClick()
    {
        var body = new StringContent("""{"domain":"https://www.GO.example.com/x","key":"launch"}""");

        using var response = await _visitor.PostAsync("/track/click", body, TestContext.Current.CancellationToken);
        var reply = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();

        Assert.Equal(["clickId"], reply.Select(field => field.Key));
        Assert.Equal(await FollowAsync("/launch"), reply["clickId"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"key":"launch"}""", HttpStatusCode.UnprocessableEntity, "invalid_type: domain: domain is required.")]
    [InlineData("""{"domain":"localhost","key":"launch"}""", HttpStatusCode.UnprocessableEntity, "invalid_type: domain: domain is required.")]
    [InlineData("""{"domain":"go.example.com"}""", HttpStatusCode.UnprocessableEntity, "invalid_type: key: key is required.")]
    [InlineData("""{"domain":"go.example.com","key":"none"}""", HttpStatusCode.NotFound, "Link not found for domain: go.example.com and key: none.")]
    public async Task FaultyClick_IsRefusedInDubsWords(string body, HttpStatusCode expected, string message)
    {
        var (status, error) = await _caller.PostAsync("/track/click", body);

        Assert.Equal((expected, message), (status, error.Message()));
    }

    [Fact]
    public async Task Link_IsFoundAgainAndItsKeyIsTaken()
    {
        var (created, link) = await _caller.PostAsync("/links", new JsonObject { ["url"] = "example.com", ["domain"] = "go.example.com", ["key"] = "two", ["externalId"] = "x1" });
        var (_, again) = await _caller.PostAsync("/links", new JsonObject { ["url"] = "example.com", ["domain"] = "go.example.com", ["key"] = "two" });
        var (_, byExternalId) = await _caller.GetAsync("/links/info?externalId=ext_x1");
        var (missing, none) = await _caller.GetAsync("/links/info?domain=go.example.com&key=none");

        Assert.Equal(HttpStatusCode.OK, created);
        Assert.Equal(("https://example.com/", "https://go.example.com/two"), (link.GetProperty("url").GetString(), link.GetProperty("shortLink").GetString()));
        Assert.Equal("Duplicate key: This short link already exists.", again.Message());
        Assert.Equal(link.GetRawText(), byExternalId.GetRawText());
        Assert.Equal((HttpStatusCode.NotFound, "Link not found."), (missing, none.Message()));
    }

    private Task CreateAsync(string key, bool trackConversion)
        => _caller.PostAsync("/links", new JsonObject { ["url"] = "https://example.com/page?a=1#top", ["domain"] = "go.example.com", ["key"] = key, ["trackConversion"] = trackConversion });

    private async Task<string?> FollowAsync(string path)
    {
        using var response = await _visitor.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        var query = HttpUtility.ParseQueryString(response.Headers.Location!.Query);
        Assert.Equal(("1", "#top"), (query["a"], response.Headers.Location.Fragment));
        return query["dub_id"];
    }

    private async Task<int> ClicksAsync()
        => (await _caller.GetAsync("/links/info?domain=go.example.com&key=launch")).Json.GetProperty("clicks").GetInt32();
}
