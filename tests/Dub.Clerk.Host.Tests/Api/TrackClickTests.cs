using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Api;

/// <summary>Clicks that pages report.</summary>
public sealed class TrackClickTests(SharedHost shared) : IClassFixture<SharedHost>
{
    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task Click_IsRecordedOnceAnHourAndSharedWithTheRedirect(string prefix)
    {
        var link = await shared.CreateAsync(new JsonObject { ["key"] = SharedHost.NewKey(), ["trackConversion"] = true });
        var body = $$"""{"domain":"http://127.0.0.1:80/x","key":"{{Text(link, "key").ToUpperInvariant()}}","url":"https://shop.example/?via=x","referrer":"https://blog.example/a?b=c"}""";

        using var response = await PostAsync(prefix + "/track/click", body);
        using var again = await PostAsync(prefix + "/track/click", body);
        using var redirect = await shared.Host.Client.GetAsync("/" + Text(link, "key"), TestContext.Current.CancellationToken);

        var click = Assert.Single(await shared.ClicksAsync(link)).GetProperty("click");
        var expected = $$"""{"clickId":"{{Text(click, "id")}}"}""";
        Assert.Equal((200, expected), ((int)response.StatusCode, await ReadAsync(response)));
        Assert.Equal(expected, await ReadAsync(again));
        Assert.EndsWith("?dub_id=" + Text(click, "id"), redirect.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(("https://shop.example/?via=x", "https://blog.example/a", "link"), (Text(click, "url"), Text(click, "refererUrl"), Text(click, "trigger")));
        AssertCors(response);
    }

    [Theory]
    [InlineData("""{"key":"x"}""", 422, "invalid_type: domain: domain is required.")]
    [InlineData("""{"domain":7,"key":"x"}""", 422, "invalid_type: domain: domain is required.")]
    [InlineData("""{"domain":"[","key":"x"}""", 422, "invalid_type: domain: domain is required.")]
    [InlineData("""{"domain":"go.example.com"}""", 422, "invalid_type: key: key is required.")]
    [InlineData("""{"domain":"go.example.com","key":"none"}""", 404, "Link not found for domain: go.example.com and key: none.")]
    [InlineData("""{"domain":"go.example.com","key":"none","url":1}""", 422, "invalid_type: url: Invalid input: expected string, received number")]
    [InlineData("{", 400, "Invalid JSON format in request body. Please ensure the request body is a valid JSON object.")]
    public async Task BadClick_IsRefusedInDubsWordsToAnyPage(string body, int status, string message)
    {
        using var response = await PostAsync("/track/click", body);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(message, JsonDocument.Parse(await ReadAsync(response)).RootElement.GetProperty("error").GetProperty("message").GetString());
        AssertCors(response);
    }

    [Fact]
    public async Task NameWithoutADot_IsADomainOnlyInDevelopment()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:ShortDomains"] = "go.example.com" }, "Production");

        var (status, error) = await host.CallAsync(HttpMethod.Post, "/track/click", """{"domain":"localhost","key":"x"}""", null);

        Assert.Equal((422, "invalid_type: domain: domain is required."), (status, error.GetProperty("error").GetProperty("message").GetString()));
    }

    [Fact]
    public async Task BotsClick_IsAnsweredAndNotRecorded()
    {
        var link = await shared.CreateAsync(new JsonObject { ["key"] = SharedHost.NewKey() });

        using var response = await PostAsync("/track/click", $$"""{"domain":"127.0.0.1","key":"{{Text(link, "key")}}"}""", ("User-Agent", "Googlebot/2.1"));

        Assert.Matches("""^\{"clickId":"[0-9A-Za-z]{16}"\}$""", await ReadAsync(response));
        Assert.Empty(await shared.ClicksAsync(link));
    }

    [Fact]
    public async Task DisabledLink_TakesNoClick()
    {
        var link = await shared.CreateAsync(new JsonObject { ["key"] = SharedHost.NewKey(), ["disabled"] = true });

        using var response = await PostAsync("/track/click", $$"""{"domain":"127.0.0.1","key":"{{Text(link, "key")}}"}""");

        Assert.Equal(404, (int)response.StatusCode);
    }

    [Fact]
    public async Task Visit_IsAClickOnTheLinkOfThePage()
    {
        var link = await shared.CreateAsync(new JsonObject { ["key"] = "blog/" + SharedHost.NewKey(), ["domain"] = "site.example.com" });

        using var response = await PostAsync("/track/visit", $$"""{"domain":"site.example.com","url":"https://example.com/{{Text(link, "key")}}?x=1"}""");
        using var missing = await PostAsync("/track/visit", """{"domain":"site.example.com"}""");

        var click = Assert.Single(await shared.ClicksAsync(link)).GetProperty("click");
        Assert.Equal($$"""{"clickId":"{{Text(click, "id")}}"}""", await ReadAsync(response));
        Assert.Equal("pageview", Text(click, "trigger"));
        Assert.Equal(400, (int)missing.StatusCode);
        Assert.Contains("Missing domain or url", await ReadAsync(missing), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preflight_IsAnsweredWithNothingButHeaders()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/track/click");
        using var response = await shared.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((204, ""), ((int)response.StatusCode, await ReadAsync(response)));
        AssertCors(response);
    }

    [Theory]
    [InlineData("https://example.com/page", null, true)]
    [InlineData(null, "https://www.example.com", true)]
    [InlineData("https://a.sub.example/", null, true)]
    [InlineData("https://sub.example/", null, false)]
    [InlineData("https://evil.example/", "https://example.com", false)]
    [InlineData("https://notexample.com/", null, false)]
    [InlineData(null, null, false)]
    public async Task OtherSitesPages_AreRefusedWhereHostnamesAreListed(string? referrer, string? origin, bool allowed)
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:AllowedHostnames"] = "https://www.Example.com *.sub.example" });
        await host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://a.example","domain":"127.0.0.1","key":"x"}""");

        using var request = new HttpRequestMessage(HttpMethod.Post, "/track/click");
        request.Content = new StringContent("""{"domain":"127.0.0.1","key":"x"}""", new MediaTypeHeaderValue("application/json"));
        request.Headers.TryAddWithoutValidation(referrer is null ? "X-Nothing" : "Referer", referrer ?? "1");
        request.Headers.TryAddWithoutValidation(origin is null ? "X-Nothing" : "Origin", origin ?? "1");
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(allowed ? 200 : 403, (int)response.StatusCode);
        AssertCors(response);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, new MediaTypeHeaderValue("application/json")) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await shared.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task<string> ReadAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private static void AssertCors(HttpResponseMessage response)
    {
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal("POST, OPTIONS", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.Equal("Content-Type, Authorization", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
