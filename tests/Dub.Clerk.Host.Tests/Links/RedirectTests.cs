using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Dub.Clerk.Host.Tests.Links;

/// <summary>What a visitor of a short link gets, and what is recorded of it.</summary>
public sealed partial class RedirectTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
    private const string Desktop = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0";
    private const string Android = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36";

    [Fact]
    public async Task Click_IsRecordedWithWhatTheRequestTells()
    {
        var link = await LinkAsync(new JsonObject { ["url"] = "https://example.com/?utm_source=news", ["trackConversion"] = true });

        var target = await FollowAsync(
            link, "?qr=1", ("User-Agent", Phone), ("X-Forwarded-For", "203.0.113.7"), ("CF-IPCountry", "us"), ("CF-Region-Code", "CA"), ("CF-IPCity", "San%20Jos%C3%A9"),
            ("Referer", "https://news.example/a?secret=1"));

        var click = Assert.Single(await shared.ClicksAsync(link)).GetProperty("click");
        Assert.Equal($"https://example.com/?utm_source=news&dub_id={Text(click, "id")}", target);
        Assert.Equal(("Mobile", "Mobile Safari", "iOS"), (Text(click, "device"), Text(click, "browser"), Text(click, "os")));
        Assert.Equal(("US", "US-CA", "San José", "NA"), (Text(click, "country"), Text(click, "region"), Text(click, "city"), Text(click, "continent")));
        Assert.Equal(("news.example", "https://news.example/a"), (Text(click, "referer"), Text(click, "refererUrl")));
        Assert.Equal(("qr", true, Phone), (Text(click, "trigger"), click.GetProperty("qr").GetBoolean(), Text(click, "ua")));
        Assert.Equal(("", "https://example.com/?utm_source=news"), (Text(click, "ip"), Text(click, "url")));
        Assert.DoesNotContain("203.0.113", click.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "", null)]
    [InlineData("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "", null)]
    [InlineData("WhatsApp/2.23.20.0", "", null)]
    [InlineData("facebookexternalhit/1.1", "", null)]
    [InlineData("curl/8.5.0", "", null)]
    [InlineData(Desktop, "?bot=1", null)]
    [InlineData(Desktop, "?dub-no-track=1", null)]
    [InlineData(Desktop, "", "dub-no-track")]
    public async Task WhoDoesNotCount_IsRedirectedWithoutAClick(string userAgent, string query, string? header)
    {
        var link = await LinkAsync(new JsonObject { ["trackConversion"] = true });

        var target = await FollowAsync(link, query, ("User-Agent", userAgent), (header ?? "X-Nothing", "1"));

        Assert.DoesNotContain("dub_id", target, StringComparison.Ordinal);
        Assert.DoesNotContain("dub-no-track", target, StringComparison.Ordinal);
        Assert.Empty(await shared.ClicksAsync(link));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36")]
    [InlineData(Android)]
    [InlineData(null)]
    public async Task WhoMayBeAPerson_Counts(string? userAgent)
    {
        var link = await LinkAsync([]);

        await FollowAsync(link, "", userAgent is null ? ("X-Nothing", "1") : ("User-Agent", userAgent));

        Assert.Single(await shared.ClicksAsync(link));
    }

    [Fact]
    public async Task VisitorWithinTheHour_HasOneClick()
    {
        var link = await LinkAsync(new JsonObject { ["trackConversion"] = true });

        var first = await FollowAsync(link, "", ("User-Agent", Desktop), ("X-Forwarded-For", "198.51.100.1, 203.0.113.7"));
        var again = await FollowAsync(link, "", ("User-Agent", Desktop), ("X-Forwarded-For", "198.51.100.2, 203.0.113.7:4711"));
        var neighbour = await FollowAsync(link, "", ("User-Agent", Desktop), ("X-Forwarded-For", "203.0.113.8"));
        var otherBrowser = await FollowAsync(link, "", ("User-Agent", Phone), ("X-Forwarded-For", "203.0.113.7"));

        Assert.Equal(first, again);
        Assert.Distinct([first, neighbour, otherBrowser]);
        Assert.Equal(3, (await shared.ClicksAsync(link)).Count);
    }

    [Fact]
    public async Task BrowserOnAnotherNetwork_IsKnownByItsCookie()
    {
        var link = await LinkAsync(new JsonObject { ["key"] = "a/" + SharedHost.NewKey(), ["trackConversion"] = true });
        using var first = await GetAsync(link, "", ("User-Agent", Desktop), ("X-Forwarded-For", "203.0.113.20"));
        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));

        var again = await FollowAsync(link, "", ("User-Agent", Desktop), ("X-Forwarded-For", "203.0.113.21"), ("Cookie", cookie.Split(';')[0]));
        var forged = await FollowAsync(
            link, "", ("User-Agent", Desktop), ("X-Forwarded-For", "203.0.113.22"), ("Cookie", cookie.Split('=')[0] + "=AAAAAAAAAAAAAAAA"));

        Assert.Matches($"^dub_id_127\\.0\\.0\\.1_a%2Fkey\\d+=[0-9A-Za-z]{{16}}; max-age=3600; path=/{Text(link, "key")}; samesite=lax; httponly$", cookie);
        Assert.Equal(first.Headers.Location!.OriginalString, again);
        Assert.NotEqual("AAAAAAAAAAAAAAAA", ClickId().Match(forged).Groups[1].Value);
        Assert.Equal(2, (await shared.ClicksAsync(link)).Count);
    }

    [Theory]
    [InlineData("?redir_url=https://example.com/pricing?a=b", "https://example.com/pricing?a=b")]
    [InlineData("?redir_url=https%3A%2F%2Fshop.example.com%2F", "https://shop.example.com/")]
    [InlineData("?redir_url=www.example.com", "https://www.example.com/")]
    [InlineData("?redir_url=https://evil.example/", "https://example.com/")]
    [InlineData("?redir_url=https://example.com.evil.example/", "https://example.com/")]
    [InlineData("?redir_url=https://evilexample.com/", "https://example.com/")]
    [InlineData("?redir_url=https://example.com@evil.example/", "https://example.com/")]
    [InlineData("?redir_url=https://evil.example%5C.example.com/", "https://example.com/")]
    [InlineData("?redir_url=//evil.example/", "https://example.com/")]
    [InlineData("?redir_url=http://example.com/", "https://example.com/")]
    [InlineData("?redir_url=https://example.com:444/", "https://example.com/")]
    [InlineData("?redir_url=javascript:alert(1)", "https://example.com/")]
    [InlineData("?redir_url=data:text/html,x", "https://example.com/")]
    public async Task RequestedTarget_IsTakenOnTheLinksOwnSiteOnly(string query, string expected)
        => Assert.Equal(expected, await FollowAsync(await LinkAsync([]), query, ("User-Agent", Desktop)));

    [Fact]
    public async Task TargetThatWantsAReference_GetsTheClickAsOne()
    {
        var link = await LinkAsync(new JsonObject { ["url"] = "https://buy.example.com/x?dub_client_reference_id=1&a=b", ["trackConversion"] = true });

        Assert.Matches("^https://buy\\.example\\.com/x\\?a=b&client_reference_id=dub_id_[0-9A-Za-z]{16}$", await FollowAsync(link, "", ("User-Agent", Desktop)));
    }

    [Fact]
    public async Task DeviceAndCountry_ChooseTheTarget()
    {
        var link = await LinkAsync(new JsonObject
        {
            ["ios"] = "https://apps.example.com/ios",
            ["android"] = "https://apps.example.com/android",
            ["geo"] = new JsonObject { ["de"] = "https://example.de" },
        });

        Assert.Equal("https://apps.example.com/ios", await FollowAsync(link, "", ("User-Agent", Phone), ("CF-IPCountry", "DE")));
        Assert.Equal("https://apps.example.com/android", await FollowAsync(link, "", ("User-Agent", Android)));
        Assert.Equal("https://example.de/", await FollowAsync(link, "", ("User-Agent", Desktop), ("CF-IPCountry", "DE")));
        Assert.Equal("https://example.com/", await FollowAsync(link, "", ("User-Agent", Desktop), ("CF-IPCountry", "FR")));
    }

    [Theory]
    [InlineData("""{"expiresAt":"2020-01-01T00:00:00Z","expiredUrl":"https://example.com/over"}""", 302, "https://example.com/over")]
    [InlineData("""{"expiresAt":"2020-01-01"}""", 410, null)]
    [InlineData("""{"disabled":true}""", 404, null)]
    [InlineData("""{"archived":true,"expiresAt":"2999-01-01T00:00:00+02:00"}""", 302, "https://example.com/")]
    public async Task LinkThatIsOver_LeadsElsewhereOrNowhere(string fields, int status, string? target)
    {
        var link = await LinkAsync(JsonNode.Parse(fields)!.AsObject());

        using var response = await GetAsync(link, "", ("User-Agent", Desktop));

        Assert.Equal((status, target), ((int)response.StatusCode, response.Headers.Location?.OriginalString));
        Assert.Equal(target == "https://example.com/" ? 1 : 0, (await shared.ClicksAsync(link)).Count);
    }

    [Fact]
    public async Task Robots_MayIndexOnlyWhatSaysSo()
    {
        using var hidden = await GetAsync(await LinkAsync([]), "", ("User-Agent", Desktop));
        using var open = await GetAsync(await LinkAsync(new JsonObject { ["doIndex"] = true }), "", ("User-Agent", Desktop));

        Assert.Equal("googlebot: noindex", Assert.Single(hidden.Headers.GetValues("X-Robots-Tag")));
        Assert.False(open.Headers.Contains("X-Robots-Tag"));
    }

    [Fact]
    public async Task RootLink_IsTheDomainItself()
    {
        var link = await shared.CreateAsync(new JsonObject { ["key"] = "_root" });
        using var response = await shared.Host.Client.GetAsync("/", TestContext.Current.CancellationToken);

        Assert.Equal((301, "https://example.com/"), ((int)response.StatusCode, response.Headers.Location!.OriginalString));
        Assert.Equal(shared.Host.Origin.ToString().TrimEnd('/'), Text(link, "shortLink"));
        var (_, found) = await shared.Host.CallAsync(HttpMethod.Get, "/links/info?domain=127.0.0.1");
        Assert.Equal(Text(link, "id"), Text(found, "id"));
        await shared.Host.CallAsync(HttpMethod.Delete, "/links/" + Text(link, "id"));
    }

    [GeneratedRegex("dub_id=(\\w+)")]
    private static partial Regex ClickId();

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private Task<JsonElement> LinkAsync(JsonObject link)
    {
        link["key"] ??= SharedHost.NewKey();
        return shared.CreateAsync(link);
    }

    private async Task<string> FollowAsync(JsonElement link, string query, params (string Name, string Value)[] headers)
    {
        using var response = await GetAsync(link, query, headers);
        Assert.Equal(302, (int)response.StatusCode);
        return response.Headers.Location!.OriginalString;
    }

    private async Task<HttpResponseMessage> GetAsync(JsonElement link, string query, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/" + Text(link, "key") + query);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await shared.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
