using System.Text.Json.Nodes;
using Dub.Clerk.Attribution;
using Dub.Clerk.Conversions;
using Dub.Clerk.SignUps;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Tests.Attribution;

/// <summary>What <c>UseDubClerk</c> does for a visitor and for a signed-in user, seen from the browser.</summary>
public sealed class AttributionTests : IAsyncLifetime
{
    private const string Click = "abcDEF0123456789";

    private TestStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await TestStore.StartAsync(StoreKind.Garnet);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task PageOpenedWithAClick_KeepsItFirstParty()
    {
        await using var app = await StartAsync();

        var page = await app.OpenAsync($"/?dub_id={Click}");

        Assert.Equal($"dub_id={Click}; max-age=7776000; path=/; samesite=lax", Assert.Single(page.SetCookies));
        Assert.Equal("no-store, private", page.CacheControl);
        Assert.Equal((nameof(AttributionOutcome.NotSignedIn), Click), (page["outcome"], page["click"]));
    }

    [Fact]
    public async Task InstallCheckOfDub_SetsTheCookieAndIsNoClick()
    {
        await using var app = await StartAsync();

        var page = await app.OpenAsync("/?dub_id=test");

        Assert.StartsWith("dub_id=test;", Assert.Single(page.SetCookies), StringComparison.Ordinal);
        Assert.Null(page["click"]);
    }

    [Theory]
    [InlineData("/?dub_id=")]
    [InlineData("/?dub_id=short")]
    [InlineData("/?dub_id=abcDEF012345678%C3%A9")]
    [InlineData("/?dub_id=abcDEF0123456789%3B%20domain%3Dexample.com")]
    [InlineData("/?dub_id=abcDEF0123456789&dub_id=0000000000000000")]
    public async Task WhatIsNoClickId_IsNotKept(string address)
    {
        await using var app = await StartAsync();

        Assert.Empty((await app.OpenAsync(address)).SetCookies);
    }

    [Theory]
    [InlineData("image", "no-cors")]
    [InlineData("iframe", "navigate")]
    [InlineData("empty", "cors")]
    public async Task RequestThatOpensNoPage_PlantsNothing(string destination, string mode)
    {
        await using var app = await StartAsync();

        var response = await app.OpenAsync($"/?dub_id={Click}", change: request =>
        {
            request.Headers.Remove("Sec-Fetch-Dest");
            request.Headers.Remove("Sec-Fetch-Mode");
            request.Headers.Add("Sec-Fetch-Dest", destination);
            request.Headers.Add("Sec-Fetch-Mode", mode);
        });

        Assert.Empty(response.SetCookies);
    }

    [Fact]
    public async Task PrefetchedPageAndPost_PlantNothing()
    {
        await using var app = await StartAsync();

        Assert.Empty((await app.OpenAsync($"/?dub_id={Click}", change: request => request.Headers.Add("Sec-Purpose", "prefetch;prerender"))).SetCookies);
        Assert.Empty((await app.OpenAsync($"/?dub_id={Click}", change: request => request.Method = HttpMethod.Post)).SetCookies);
    }

    [Fact]
    public async Task LastClick_ReplacesTheFirst_UnlessTheFirstShallCount()
    {
        const string earlier = "0000000000000000";
        await using var last = await StartAsync();
        await using var first = await StartAsync(options => options.AttributionModel = AttributionModel.FirstClick);

        Assert.Single((await last.OpenAsync($"/?dub_id={Click}", cookies: $"dub_id={earlier}")).SetCookies, cookie => !IsExpiry(cookie));
        Assert.Empty((await first.OpenAsync($"/?dub_id={Click}", cookies: $"dub_id={earlier}")).SetCookies);
        Assert.Single((await first.OpenAsync($"/?dub_id={Click}", cookies: "dub_id=test")).SetCookies, cookie => !IsExpiry(cookie));
    }

    [Fact]
    public async Task CookieDomain_IsUsedInsideItOnly()
    {
        await using var app = await StartAsync(options => options.CookieDomain = "example.com");

        var inside = await app.OpenAsync($"/?dub_id={Click}", change: request => request.Headers.Host = "www.example.com");
        var outside = await app.OpenAsync($"/?dub_id={Click}", change: request => request.Headers.Host = "badexample.com");

        Assert.Contains("domain=example.com", Assert.Single(inside.SetCookies), StringComparison.Ordinal);
        Assert.DoesNotContain("domain=", Assert.Single(outside.SetCookies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Https_MakesTheCookieSecure()
    {
        await using var app = await StartAsync(pipeline: web =>
        {
            web.Use((context, next) =>
            {
                context.Request.Scheme = "https";
                return next(context);
            });
            TestApp.ThreeLines(web);
        });

        Assert.Contains("; secure;", Assert.Single((await app.OpenAsync($"/?dub_id={Click}")).SetCookies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutConsent_NothingIsWrittenOrRead()
    {
        await using var app = await StartAsync(options => options.HasConsent = _ => false);

        Assert.Empty((await app.OpenAsync($"/?dub_id={Click}")).SetCookies);
        var signedIn = await app.OpenAsync("/", "user_1", $"dub_id={Click}");

        Assert.Empty(signedIn.SetCookies);
        Assert.Null(signedIn["click"]);
        Assert.Equal(NoLeadReason.NoConsent, (await app.SignUpAsync("user_1"))!.Reason);
    }

    [Fact]
    public async Task SignedInWithoutAClick_AsksNothing()
    {
        await using var app = await StartAsync();

        var page = await app.OpenAsync("/", "user_1");

        Assert.Equal((nameof(AttributionOutcome.NoClick), "user_1"), (page["outcome"], page["user"]));
        Assert.Null(await app.SignUpAsync("user_1"));
    }

    [Theory]
    [InlineData(Click)]
    [InlineData("n/a")]
    public async Task TokenThatSaysTheClick_AsksNothingAndClearsTheCookie(string claim)
    {
        await using var app = await StartAsync();

        var page = await app.OpenAsync("/", "user_1", "dub_id=0000000000000000", publicMetadata: new JsonObject { ["dubClickId"] = claim });

        Assert.Equal(nameof(AttributionOutcome.AlreadyKnown), page["outcome"]);
        Assert.Contains(page.SetCookies, IsExpiry);
        Assert.Null(await app.SignUpAsync("user_1"));
    }

    [Fact]
    public async Task SignUpInTheBrowser_BecomesALeadAndTheCookieGoes()
    {
        await using var app = await StartAsync();
        var click = await RecordClickAsync(app);
        await app.DeliverUserCreatedAsync("user_1");

        var page = await app.OpenAsync("/", "user_1", $"theme=dark; dub_id={click}; dub_partner_data={{\"a\":1,\"b\":2}}");

        Assert.Equal((nameof(AttributionOutcome.Recorded), nameof(SignUpState.Tracked)), (page["outcome"], page["state"]));
        Assert.Equal(6, page.SetCookies.Count(IsExpiry));
    }

    [Fact]
    public async Task Cookie_IsExpiredOnEveryDomainItCouldBeOn()
    {
        await using var app = await StartAsync();

        var page = await app.OpenAsync("/", "user_1", $"dub_id={Click}", request => request.Headers.Host = "app.eu.example.com");

        foreach (var name in (string[])["dub_id", "dub_partner_data"])
        {
            foreach (var domain in (string[])["", "domain=app.eu.example.com; ", "domain=eu.example.com; ", "domain=example.com; ", "domain=app.example.com; "])
            {
                Assert.Contains($"{name}=; expires=Thu, 01 Jan 1970 00:00:00 GMT; {domain}path=/; samesite=lax", page.SetCookies);
            }
        }

        Assert.Equal(10, page.SetCookies.Count);
    }

    /// <summary>As behind the rewrite of a front end, which the browser knows and the request does not name.</summary>
    [Fact]
    public async Task CookieOfTheFrontEnd_IsExpiredOnTheDomainsOfTheTokensOrigin()
    {
        await using var app = await StartAsync();

        var page = await app.OpenAsync("/", "user_1", $"dub_id={Click}", request => request.Headers.Host = "host.internal");

        Assert.Equal(
            ["", "domain=app.example.com", "domain=example.com", "domain=host.internal"],
            page.SetCookies.Where(cookie => cookie.StartsWith("dub_id=", StringComparison.Ordinal))
                .Select(cookie => cookie.Split("; ").FirstOrDefault(part => part.StartsWith("domain=", StringComparison.Ordinal)) ?? string.Empty).Order());
    }

    [Fact]
    public async Task SignedInArrivalFromALink_CountsWithoutACookie()
    {
        await using var app = await StartAsync();
        var click = await RecordClickAsync(app);
        await app.DeliverUserCreatedAsync("user_1");

        var page = await app.OpenAsync($"/?dub_id={click}", "user_1");

        Assert.Equal(nameof(SignUpState.Tracked), page["state"]);
        Assert.All(page.SetCookies, cookie => Assert.True(IsExpiry(cookie)));
    }

    [Theory]
    [InlineData("dub_id=test; dub_id={0}")]
    [InlineData("dub_id={0}; dub_id=junk")]
    [InlineData("dub_id=; dub_id=\"{0}\"")]
    public async Task CookieTwice_TheOneThatIsAClickCounts(string cookies)
    {
        await using var app = await StartAsync();
        var click = await RecordClickAsync(app);
        await app.DeliverUserCreatedAsync("user_1");

        var page = await app.OpenAsync("/", "user_1", string.Format(System.Globalization.CultureInfo.InvariantCulture, cookies, click));

        Assert.Equal((nameof(SignUpState.Tracked), click), (page["state"], page["click"]));
    }

    [Fact]
    public async Task NewClick_LeavesNoOlderCookieBesideIt()
    {
        await using var app = await StartAsync();

        var page = await app.OpenAsync($"/?dub_id={Click}", cookies: "dub_id=0000000000000000", change: request => request.Headers.Host = "www.example.com");

        Assert.Equal(
            ["domain=example.com", "domain=www.example.com"],
            page.SetCookies.Where(IsExpiry).Select(cookie => cookie.Split("; ").Single(part => part.StartsWith("domain=", StringComparison.Ordinal))).Order());
        Assert.Contains($"dub_id={Click}; max-age=7776000; path=/; samesite=lax", page.SetCookies);
    }

    [Fact]
    public async Task InstallCheckOfASignedInUser_TouchesNoClickAndNoStore()
    {
        await using var app = await StartAsync();
        var click = await RecordClickAsync(app);
        await app.DeliverUserCreatedAsync("user_1");

        var check = await app.OpenAsync("/?dub_id=test", "user_2");
        var kept = await app.OpenAsync("/", "user_2", "dub_id=test");
        var beside = await app.OpenAsync("/?dub_id=test", "user_1", $"dub_id={click}");

        Assert.StartsWith("dub_id=test;", Assert.Single(check.SetCookies), StringComparison.Ordinal);
        Assert.Empty(kept.SetCookies);
        Assert.Null(await app.SignUpAsync("user_2"));
        Assert.Equal(nameof(SignUpState.Tracked), beside["state"]);
    }

    [Fact]
    public async Task HookThatFails_StillLetsTheCookieGo_SoThatNobodyInheritsIt()
    {
        var failing = true;
        await using var app = await StartAsync(options => options.OnLead = (_, _) => failing ? throw new InvalidOperationException("hook") : ValueTask.CompletedTask);
        var click = await RecordClickAsync(app);
        await app.DeliverUserCreatedAsync("user_1");

        var page = await app.OpenAsync("/", "user_1", $"dub_id={click}");
        var other = await app.OpenAsync("/", "user_2", "theme=dark");
        failing = false;
        app.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal((200, nameof(AttributionOutcome.Recorded)), (page.Status, page["outcome"]));
        Assert.Contains(page.SetCookies, IsExpiry);
        Assert.Equal(nameof(AttributionOutcome.NoClick), other["outcome"]);
        await Poll.UntilAsync(
            async () =>
            {
                app.Time.Advance(TimeSpan.FromSeconds(2));
                return (await app.SignUpAsync("user_1"))!.State == SignUpState.Tracked;
            },
            "the outbox has decided");
    }

    [Fact]
    public async Task HookThatTakesItsTime_HoldsNobodyElseUp()
    {
        var release = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        await using var app = await StartAsync(options => options.OnLead = async (lead, _) =>
        {
            if (lead.UserId == "user_1")
            {
                started.SetResult();
                await release.Task;
            }
        });
        var click = await RecordClickAsync(app);
        await app.DeliverUserCreatedAsync("user_1");
        await app.DeliverUserCreatedAsync("user_2");

        var waiting = app.OpenAsync("/", "user_1", $"dub_id={click}");
        await started.Task;
        await Poll.UntilAsync(
            () =>
            {
                app.Time.Advance(TimeSpan.FromMilliseconds(200));
                return waiting.IsCompleted;
            },
            "the app's request has gone on");
        var next = await app.OpenAsync("/", "user_2", $"dub_id={click}");
        release.SetResult();

        Assert.Equal(nameof(AttributionOutcome.Recorded), (await waiting)["outcome"]);
        Assert.Equal(nameof(SignUpState.Tracked), next["state"]);
        Assert.DoesNotContain(app.Log.Entries, entry => entry.EventId == Diagnostics.EventIds.AttributionStoreUnavailable);
    }

    [Fact]
    public async Task SupportAgentSignedInAsTheUser_BringsNoClick()
    {
        await using var app = await StartAsync();
        var claims = app.Clerk.SessionClaims("user_1", app.Time.GetUtcNow(), "https://app.example.com", null, null);
        claims["act"] = new JsonObject { ["sub"] = "user_agent" };
        var token = app.Clerk.Sign(app.Clerk.SessionHeader(), claims);

        var page = await app.OpenAsync("/", cookies: $"__session={token}; dub_id={Click}");

        Assert.Equal((nameof(AttributionOutcome.Impersonation), "user_1"), (page["outcome"], page["user"]));
        Assert.Empty(page.SetCookies);
        Assert.Null(await app.SignUpAsync("user_1"));
    }

    [Fact]
    public async Task ResponseThatExpiresTheCookie_IsNeverCached()
    {
        await using var app = await StartAsync(pipeline: web =>
        {
            web.UseDubClerk();
            web.MapGet("/logo.png", (HttpContext context) => context.Response.Headers.CacheControl = "public, max-age=86400");
        });

        Assert.Equal("no-store, private", (await app.OpenAsync("/logo.png", "user_1", $"dub_id={Click}")).CacheControl);
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(100)]
    public async Task HostWithManyLabels_CostsFewCookies(int labels)
    {
        await using var app = await StartAsync();

        var page = await app.OpenAsync("/", "user_1", $"dub_id={Click}", request => request.Headers.TryAddWithoutValidation("Host", string.Join('.', Enumerable.Repeat("a", labels))));

        Assert.InRange(page.SetCookies.Count, 2, 16);
    }

    [Fact]
    public async Task JunkCookie_IsNotedAndGoes()
    {
        await using var app = await StartAsync();
        await app.DeliverUserCreatedAsync("user_1");

        var page = await app.OpenAsync("/", "user_1", "dub_id=<script>");

        Assert.Contains(page.SetCookies, IsExpiry);
        Assert.Equal(NoLeadReason.InvalidClickId, (await app.SignUpAsync("user_1"))!.Reason);
    }

    [Fact]
    public async Task SameUserAndClick_AskTheStoreOnceUntilTheTokenIsRefreshed()
    {
        await using var app = await StartAsync();

        var outcomes = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            var page = await app.OpenAsync("/", "user_1", $"dub_id={Click}");
            Assert.Contains(page.SetCookies, IsExpiry);
            outcomes.Add(page["outcome"]);
        }

        app.Time.Advance(TimeSpan.FromSeconds(61));
        outcomes.Add((await app.OpenAsync("/", "user_1", $"dub_id={Click}"))["outcome"]);

        Assert.Equal(["Recorded", "RecordedBefore", "RecordedBefore", "Recorded"], outcomes);
    }

    [Fact]
    public async Task StoreAway_TheRequestGoesOnTheCookieStaysAndItIsLoggedOnce()
    {
        await using var server = await RedisOrSkipAsync();
        var impatient = server.ConfigurationOptions;
        impatient.BacklogPolicy = StackExchange.Redis.BacklogPolicy.FailFast;
        await using var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(impatient);
        await using var app = await TestApp.StartAsync(connection);
        var click = await RecordClickAsync(app);
        server.Kill();

        for (var i = 0; i < 3; i++)
        {
            var page = await app.OpenAsync($"/?dub_id={click}", "user_1", $"dub_id={click}");
            Assert.Equal((200, nameof(AttributionOutcome.StoreUnavailable)), (page.Status, page["outcome"]));
            Assert.DoesNotContain(page.SetCookies, IsExpiry);
            app.Time.Advance(TimeSpan.FromSeconds(6));
        }

        Assert.Single(app.Log.Entries, entry => entry.EventId == Diagnostics.EventIds.AttributionStoreUnavailable);
        Assert.Equal(503, (await app.DeliverUserCreatedAsync("user_1")).Status);

        await server.RestartAsync();
        await Poll.UntilAsync(() => connection.IsConnected, "the client is connected again");
        Assert.Equal(200, (await app.DeliverUserCreatedAsync("user_1")).Status);
        Assert.Equal(nameof(SignUpState.Tracked), (await app.OpenAsync("/", "user_1", $"dub_id={click}"))["state"]);
    }

    private static async Task<RedisServerFixture> RedisOrSkipAsync()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        return await RedisServerFixture.StartAsync();
    }

    private static bool IsExpiry(string setCookie) => setCookie.Contains("expires=Thu, 01 Jan 1970", StringComparison.Ordinal);

    private static async Task<string> RecordClickAsync(TestApp app)
    {
        var click = new Click
        {
            Id = Ids.NewEvent(),
            Timestamp = app.Time.GetUtcNow(),
            LinkId = "link_1",
            Domain = "go.example.com",
            Key = "launch",
            Url = "https://example.com/",
        };
        await app.Get<ClickStore>().RecordAsync(click);
        return click.Id;
    }

    private Task<TestApp> StartAsync(Action<DubClerkOptions>? configure = null, Action<WebApplication>? pipeline = null)
        => TestApp.StartAsync(_store.Connection, configure, pipeline: pipeline);
}
