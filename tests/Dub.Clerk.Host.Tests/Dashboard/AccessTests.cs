using System.Net;
using Dub.Clerk.Host.Dashboard;
using Dub.Clerk.Host.Dashboard.Access;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.Secrets;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>Who gets in, over plain HTTP, and what a stranger is shown.</summary>
[Collection(SharedDashboard.Name)]
public sealed class AccessTests(DashboardFixture dashboard)
{
    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard/users/user_1")]
    [InlineData("/dashboard/links")]
    [InlineData("/dashboard/links/new")]
    [InlineData("/dashboard/deliveries")]
    [InlineData("/dashboard/setup")]
    public async Task Stranger_IsSentToSignIn(string path)
    {
        using var response = await dashboard.Host.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal($"{DashboardAccess.SignInPath}?to={Uri.EscapeDataString(path)}", response.Headers.Location!.PathAndQuery);
    }

    [Theory]
    [InlineData("POST", "/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("GET", "/_blazor")]
    [InlineData("GET", "/_blazor/initializers")]
    public async Task Stranger_GetsNoConnection(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await dashboard.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Pages_AreStrictAndKeptByNoCache()
    {
        using var response = await dashboard.Host.Client.GetAsync(DashboardAccess.SignInPath, TestContext.Current.CancellationToken);

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.True(response.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task ApiKeyAsBearer_OpensNoPage()
    {
        using var api = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = dashboard.Host.Origin };
        api.DefaultRequestHeaders.Authorization = new("Bearer", HostFixture.ApiKey);
        using var response = await api.GetAsync("/dashboard", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
    }

    [Fact]
    public async Task FormOfAnotherSite_SignsNobodyIn()
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["way"] = "key", ["key"] = HostFixture.ApiKey });
        using var response = await dashboard.Host.Client.PostAsync(DashboardAccess.SignInPath, form, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.DoesNotContain(response.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [], cookie => cookie.StartsWith("dubclerk_dashboard=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/dashboard/links", "/dashboard/links")]
    [InlineData("/dashboardx", "/dashboard")]
    [InlineData("//evil.example", "/dashboard")]
    [InlineData("/dashboard/\\evil.example", "/dashboard")]
    [InlineData("/dashboard/%5C..%5Cpromo", "/dashboard")]
    [InlineData("/dashboard/../promo", "/dashboard")]
    [InlineData("/dashboard/x/%2e%2E/../promo", "/dashboard")]
    [InlineData("/dashboard/.%2e", "/dashboard")]
    [InlineData("/dashboard/events?link=go.example.com/..", "/dashboard/events?link=go.example.com/..")]
    [InlineData("https://evil.example/dashboard/", "/dashboard")]
    [InlineData("/dashboard/sign-in", "/dashboard")]
    public async Task SigningIn_LeadsOnWithinTheDashboardOnly(string to, string expected)
    {
        using var browser = new FormBrowser(dashboard.Host.Origin);

        using var response = await browser.SignInAsync(new() { ["way"] = "key", ["key"] = HostFixture.ApiKey, ["to"] = to });

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(expected, response.Headers.Location!.OriginalString);
        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("dubclerk_dashboard=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task CookieOverHttps_IsSecure()
    {
        // A proxy that ends TLS says so by its headers; the scheme is set as they would set it.
        await using var host = await HostFixture.StartAsync(more: web => web.Use(static next => context =>
        {
            context.Request.Scheme = "https";
            return next(context);
        }));
        using var browser = new FormBrowser(host.Origin);

        using var response = await browser.SignInAsync(new() { ["way"] = "key", ["key"] = HostFixture.ApiKey });
        using var form = await host.Client.GetAsync(DashboardAccess.SignInPath, TestContext.Current.CancellationToken);

        Assert.All(
            response.Headers.GetValues("Set-Cookie").Concat(form.Headers.GetValues("Set-Cookie")),
            cookie => Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("key", "key", "not an API key")]
    [InlineData("link", "code", "has been used")]
    [InlineData("clerk", "user", "No allowed user")]
    public async Task WrongProof_IsRefusedAndSaysWhy(string way, string field, string expected)
    {
        using var browser = new FormBrowser(dashboard.Host.Origin);

        using var response = await browser.SignInAsync(new() { ["way"] = way, [field] = "wrong" });

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DashboardFixture.AllowedUser, HttpStatusCode.Redirect)]
    [InlineData("user_somebody", HttpStatusCode.Forbidden)]
    public async Task ClerkSession_OpensForAllowedUsersOnly(string user, HttpStatusCode expected)
    {
        using var browser = new FormBrowser(dashboard.Host.Origin, dashboard.Host.Clerk.MintSessionToken(user, DateTimeOffset.UtcNow));

        using var response = await browser.SignInAsync(new() { ["way"] = "clerk" });

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public void Code_IsGoodOnceAndForTenMinutes()
    {
        var time = new FakeTimeProvider();
        var codes = new OneTimeCodes(time);
        var (used, late) = (codes.Create(), codes.Create());

        Assert.True(codes.Use(used));
        Assert.False(codes.Use(used));
        time.Advance(OneTimeCodes.Lifetime);
        Assert.False(codes.Use(late));
        Assert.False(codes.Use(string.Empty));
    }

    [Fact]
    public void Session_EndsWithItsTimeItsKeyAndItsPermission()
    {
        var time = new FakeTimeProvider();
        using var secrets = Secrets("one-key-of-the-host", "one-key-that-reads");
        using var others = Secrets("another-key-of-the-host", "another-key-that-reads");
        var sessions = new Sessions(Dashboard(("DubClerk:Dashboard:Users", "user_1")), secrets, time);
        var (byKey, _) = sessions.Begin(sessions.WithKey("one-key-of-the-host")!);
        var (byReadKey, _) = sessions.Begin(sessions.WithKey("one-key-that-reads")!);
        var (byClerk, _) = sessions.Begin(new Session(SignInWay.Clerk, "user_1"));

        Assert.All([byKey, byReadKey, byClerk], one => Assert.True(sessions.IsValid(one)));
        Assert.All([byKey, byReadKey, byClerk], one => Assert.False(new Sessions(Dashboard(("DubClerk:Dashboard:Users", "user_1")), others, time).IsValid(one)));
        Assert.False(new Sessions(Dashboard(), secrets, time).IsValid(byClerk));
        Assert.Null(sessions.WithKey("another-key-of-the-host"));
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(sessions.IsValid(byClerk));
        Assert.True(sessions.IsValid(byKey));
        time.Advance(TimeSpan.FromHours(11));
        Assert.False(sessions.IsValid(byKey));
    }

    [Fact]
    public void PersonalData_IsForWhomTheSettingNames()
    {
        var keyHolder = new System.Security.Claims.ClaimsPrincipal(new Session(SignInWay.Link).ToIdentity());
        var user = new System.Security.Claims.ClaimsPrincipal(new Session(SignInWay.Clerk, "user_1").ToIdentity());
        var stranger = new System.Security.Claims.ClaimsPrincipal();

        Assert.Equal((true, false, false), Seen(DashboardOptions.KeyHolder));
        Assert.Equal((false, true, false), Seen("user_1"));
        Assert.Equal((false, false, false), Seen(DashboardOptions.Nobody));

        (bool Key, bool User, bool Stranger) Seen(string who)
        {
            var rule = new PersonalDataRule(Dashboard(("DubClerk:Dashboard:PersonalData", who)));
            return (rule.MaySee(keyHolder), rule.MaySee(user), rule.MaySee(stranger));
        }
    }

    [Fact]
    public async Task SettingsThatCannotBe_StopTheStartAndAreNamed()
    {
        var fault = await Assert.ThrowsAsync<HostSetupException>(() => HostFixture.StartAsync(new Dictionary<string, string?>
        {
            ["DubClerk:Dashboard:Users:0"] = "ada@example.org",
            ["DubClerk:Dashboard:PersonalData"] = "everybody",
        }));

        Assert.Contains(fault.Faults, text => text.Contains("DubClerk:Dashboard:Users", StringComparison.Ordinal));
        Assert.Contains(fault.Faults, text => text.Contains("DubClerk:Dashboard:PersonalData", StringComparison.Ordinal));
    }

    /// <summary>What a service writes to its console is somebody's log.</summary>
    [Theory]
    [InlineData("Development", true)]
    [InlineData("Production", false)]
    public async Task LinkOnTheConsole_IsForPeopleOnly(string environment, bool expected)
    {
        using var clerk = new ClerkStandIn();
        var folder = Directory.CreateTempSubdirectory("dub-dashboard-");
        try
        {
            await using var host = await HostProcess.ServeAsync(new Dictionary<string, string?>
            {
                ["ASPNETCORE_ENVIRONMENT"] = environment,
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
                ["DUBCLERK_API_KEY"] = HostFixture.ApiKey,
                ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.WebhookSecret,
                ["DUBCLERK_DATA_DIR"] = folder.FullName,
            });
            if (expected)
            {
                await Poll.UntilAsync(() => host.Output.Contains("/dashboard/sign-in#code=", StringComparison.Ordinal), "the link is on the console");
            }
            else
            {
                await Poll.UntilAsync(() => host.Output.Contains("Application started", StringComparison.Ordinal), "the host has started");
                Assert.DoesNotContain("#code=", host.Output, StringComparison.Ordinal);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static LiveSecrets Secrets(string key, string readKey) => new(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["DUBCLERK_API_KEY"] = key, ["DUBCLERK_READ_API_KEY"] = readKey }).Build(),
        NullLogger<LiveSecrets>.Instance);

    private static LiveDashboard Dashboard(params (string Name, string? Value)[] settings) => new(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))).Build(),
        new HostOptions
        {
            DataDirectory = string.Empty,
            ShortDomains = [],
            AnyDomain = false,
            RedirectPatience = default,
            TrackConversionByDefault = false,
            AllowedHostnames = [],
            Proxy = new ProxyOptions(),
            DubWebhooks = false,
            Sessions = true,
        },
        NullLogger<LiveDashboard>.Instance);
}
