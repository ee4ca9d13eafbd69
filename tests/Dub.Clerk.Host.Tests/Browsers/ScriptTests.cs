using System.Net;
using System.Net.Http.Headers;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Browsers;

/// <summary>The script that sites put on their pages, in a real browser.</summary>
public sealed class ScriptTests(ScriptPages pages) : IClassFixture<ScriptPages>
{
    private const string Refer = $$"""data-domains='{"refer":"{{ScriptPages.ShortDomain}}"}'""";
    private const string One = "AAAAAAAAAAAAAAA1";
    private const string Two = "AAAAAAAAAAAAAAA2";

    [Fact]
    public async Task InstallCheck_ThroughDubsPackage_SetsTheCookieAndAsksNobody()
    {
        var page = await pages.NewVisitorAsync();
        var asked = new List<string>();
        page.Request += (_, request) => asked.Add(new Uri(request.Url).AbsolutePath);

        await page.GotoAsync(pages.PageOfThePackage("dub_id=test"));
        await page.WaitForFunctionAsync("window._dubAnalytics && document.cookie");

        Assert.Equal("test", (await CookieAsync(page))!.Value);
        Assert.Equal("""{"partner":null,"discount":null}""", await page.EvaluateAsync<string>("JSON.stringify(DubAnalytics)"));
        Assert.DoesNotContain(asked, path => path.Contains("track", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Via_ThroughDubsPackage_TracksAClickAndSetsTheCookie()
    {
        var (link, key) = await pages.NewLinkAsync();
        var page = await pages.NewVisitorAsync();

        await page.GotoAsync(pages.PageOfThePackage($"via={key}"));
        await page.WaitForFunctionAsync("document.cookie");

        var (id, url) = Assert.Single(await pages.ClicksAsync(link));
        var cookie = await CookieAsync(page);
        Assert.Equal((id, page.Url), (cookie!.Value, url));
        Assert.Equal((SameSiteAttribute.Lax, "/"), (cookie.SameSite, cookie.Path));
        Assert.InRange(cookie.Expires, DateTimeOffset.UtcNow.AddDays(89).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.AddDays(91).ToUnixTimeSeconds());
    }

    [Theory]
    [InlineData("a; domain=example.test")]
    [InlineData("AAAAAAAAAAAAAAA;")]
    [InlineData("AAAAAAAAAAAAAAA1; path=/x")]
    [InlineData("AAAAAAAAAAAAAAA1\n")]
    [InlineData("test ")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("")]
    public async Task AddressThatHoldsNoClick_WritesNothing(string click)
    {
        var page = await pages.NewVisitorAsync();

        await page.GotoAsync(pages.Page("", "dub_id=" + Uri.EscapeDataString(click)));

        Assert.True(await page.EvaluateAsync<bool>("'_dubAnalytics' in window"));
        Assert.Empty(await page.Context.CookiesAsync());
    }

    [Theory]
    [InlineData("", Two)]
    [InlineData("data-attribution-model=first-click", One)]
    public async Task SecondClick_CountsAsTheModelSays(string attributes, string expected)
    {
        var page = await pages.NewVisitorAsync();
        await page.GotoAsync(pages.Page(attributes, "dub_id=" + One));

        await page.GotoAsync(pages.Page(attributes, "dub_id=" + Two));

        Assert.Equal(expected, (await CookieAsync(page))!.Value);
    }

    [Theory]
    [InlineData("", ".app.example.test", "/", SameSiteAttribute.Lax)]
    [InlineData("""data-cookie-options='{"domain":".example.test","path":"/p","sameSite":"strict","expiresInDays":1}'""", ".example.test", "/p", SameSiteAttribute.Strict)]
    [InlineData("""data-cookie-options='{"domain":"x; secure","path":"/; domain=example.test","sameSite":"lax; domain=example.test"}'""", ".app.example.test", "/", SameSiteAttribute.Lax)]
    [InlineData("data-cookie-options={nonsense", ".app.example.test", "/", SameSiteAttribute.Lax)]
    public async Task Cookie_IsWrittenWhereTheOptionsSay(string attributes, string domain, string path, SameSiteAttribute sameSite)
    {
        var page = await pages.NewVisitorAsync();

        await page.GotoAsync(pages.Page(attributes, "dub_id=" + One, "www.app.example.test"));

        var cookie = Assert.Single(await page.Context.CookiesAsync());
        Assert.Equal((domain, path, sameSite), (cookie.Domain, cookie.Path, cookie.SameSite));
    }

    [Theory]
    [InlineData(Refer, "via")]
    [InlineData("data-short-domain=go.example.test", "via")]
    [InlineData(Refer + " data-query-param=ref", "ref")]
    [InlineData(Refer + """ data-query-params='["from","ref"]'""", "ref")]
    public async Task ClickOnAnotherSitesPage_IsTrackedAcrossOrigins(string attributes, string parameter)
    {
        var (link, key) = await pages.NewLinkAsync();
        var page = await pages.NewVisitorAsync();

        await page.GotoAsync(pages.Page($"{attributes} data-api-host=http://go.example.test:{pages.Host.Origin.Port}/", $"{parameter}={key}", "shop.example.test"));
        await page.WaitForFunctionAsync("document.cookie");

        Assert.Equal(Assert.Single(await pages.ClicksAsync(link)).Id, (await CookieAsync(page))!.Value);
    }

    [Fact]
    public async Task ClickThePageWasOpenedWith_IsKeptBesideVia()
    {
        var (link, key) = await pages.NewLinkAsync();
        var page = await pages.NewVisitorAsync();
        var warned = page.WaitForConsoleMessageAsync(new() { Predicate = message => message.Text.Contains("another dub_id", StringComparison.Ordinal) });

        await page.GotoAsync(pages.Page(Refer, $"via={key}&dub_id={One}"));
        await warned;

        Assert.Equal(One, (await CookieAsync(page))!.Value);
        Assert.Single(await pages.ClicksAsync(link));
    }

    [Fact]
    public async Task CallsBeforeTheScriptCame_AreMadeThen()
    {
        var (link, key) = await pages.NewLinkAsync();
        var page = await pages.NewVisitorAsync();
        var before = $$"""
            window.dubAnalytics = function () { (window.dubAnalytics.q = window.dubAnalytics.q || []).push(arguments) };
            dubAnalytics('trackClick', { domain: '{{ScriptPages.ShortDomain}}', key: '{{key}}' });
            """;

        await page.GotoAsync(pages.Page("", before: before));
        await page.WaitForFunctionAsync("document.cookie");

        Assert.Equal(Assert.Single(await pages.ClicksAsync(link)).Id, (await CookieAsync(page))!.Value);
    }

    /// <summary>Only Dub's own API answers with partners. What they are called is theirs to choose, and must not reach the cookie as it is.</summary>
    [Fact]
    public async Task PartnerData_IsKeptWithoutHarmAndMakesThePageReady()
    {
        var page = await pages.NewVisitorAsync();
        const string Before = "window.dubAnalytics = function () { (dubAnalytics.q = dubAnalytics.q || []).push(arguments) }; dubAnalytics('ready', () => document.title = DubAnalytics.partner.name);";

        await page.GotoAsync(pages.Page(Refer + " data-api-host=/dubs-own", "via=x", before: Before));
        await page.WaitForFunctionAsync("document.title.startsWith('Zo')");
        await page.GotoAsync(pages.Page(Refer, before: Before));
        await page.WaitForFunctionAsync("document.title.startsWith('Zo')");

        Assert.Equal("Zoë; domain=evil.test", await page.TitleAsync());
        Assert.Equal("https://a.example/i.png?x=1;y", await page.EvaluateAsync<string>("DubAnalytics.partner.image"));
        Assert.Equal(10, await page.EvaluateAsync<int>("DubAnalytics.discount.amount"));
        Assert.All(await page.Context.CookiesAsync(), cookie => Assert.Equal("localhost", cookie.Domain));
    }

    [Fact]
    public async Task AnswerThatHoldsNoClick_WritesNothing()
    {
        var page = await pages.NewVisitorAsync();

        await page.RunAndWaitForResponseAsync(() => page.GotoAsync(pages.Page(Refer + " data-api-host=/junk", "via=x")), response => response.Url.Contains("/junk/", StringComparison.Ordinal));
        await page.EvaluateAsync("new Promise(done => setTimeout(done))");

        Assert.Empty(await page.Context.CookiesAsync());
    }

    [Theory]
    [InlineData("/analytics/script.js")]
    [InlineData("/api/analytics/script.js")]
    public async Task Script_IsServedForCachesToKeep(string path)
    {
        Assert.SkipWhen(pages.Host is null, "chromium is missing");
        using var response = await pages.Host.Client.GetAsync(path, TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var again = await pages.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(("text/javascript", "nosniff"), (response.Content.Headers.ContentType!.MediaType, Assert.Single(response.Headers.GetValues("X-Content-Type-Options"))));
        Assert.Equal(CacheControlHeaderValue.Parse("public, max-age=3600"), response.Headers.CacheControl);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    private static async Task<BrowserContextCookiesResult?> CookieAsync(IPage page)
        => (await page.Context.CookiesAsync()).SingleOrDefault(cookie => cookie.Name == "dub_id");
}
