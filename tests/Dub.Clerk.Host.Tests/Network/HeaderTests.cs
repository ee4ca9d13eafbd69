using Dub.Clerk.Host.Tests.Dashboard;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Network;

/// <summary>What every answer tells browsers, and what a redirect leaves unsaid.</summary>
[Collection(SharedDashboard.Name)]
public sealed class HeaderTests(DashboardFixture dashboard)
{
    [Theory]
    [InlineData("/nothing-here", 404)]
    [InlineData("/links", 401)]
    [InlineData("/health/live", 200)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/analytics/script.js", 200)]
    [InlineData("/scalar/", 200)]
    [InlineData("/dashboard/sign-in", 200)]
    public async Task Answer_IsNeitherSniffedNorFramedNorReferred(string path, int expected)
    {
        using var response = await dashboard.Host.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Contains("frame-ancestors 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("Strict-Transport-Security"));
    }

    /// <summary>A policy on the way would take the referrer from the target.</summary>
    [Fact]
    public async Task Redirect_KeepsTheVisitorsReferrerPolicy()
    {
        var (_, name) = await dashboard.CreateLinkAsync("headers-redirect");
        using var response = await dashboard.Host.Client.GetAsync("/" + name.Split('/')[1], TestContext.Current.CancellationToken);

        Assert.Equal(302, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("Referrer-Policy"));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task OverHttps_BrowsersAreToldToStayThere()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:Proxy:Trusted"] = "127.0.0.1" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live") { Headers = { Host = "go.example.com" } };
        request.Headers.Add("X-Forwarded-Proto", "https");

        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("max-age=2592000", Assert.Single(response.Headers.GetValues("Strict-Transport-Security")));
    }

    [Fact]
    public async Task Reference_RunsUnderItsPolicy()
    {
        await using var reader = await dashboard.NewReaderAsync();

        // It runs, and reads the document.
        await reader.Page.RunAndWaitForResponseAsync(
            () => reader.Page.GotoAsync(new Uri(dashboard.Host.Origin, "/scalar").ToString()),
            response => response.Url.EndsWith("/openapi/v1.json", StringComparison.Ordinal) && response.Ok);

        reader.AssertNothingWentWrong();
    }
}
