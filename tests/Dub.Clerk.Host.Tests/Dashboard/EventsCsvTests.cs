using System.Net;
using System.Text;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Dashboard.Live;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>The export: who gets it, what is in it, and that it is written while it is read.</summary>
[Collection(SharedDashboard.Name)]
public sealed class EventsCsvTests(DashboardFixture dashboard)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "")]
    [InlineData("plain", "plain")]
    [InlineData("12.5", "12.5")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a;b", "\"a;b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("\n=1", "\"'\n=1\"")]
    [InlineData(" =1", "' =1")]
    [InlineData("＝1", "'＝1")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    public void Cell_IsNoFormula(string? value, string expected) => Assert.Equal(expected, Csv.Cell(value));

    [Fact]
    public async Task Stranger_IsSentToSignInAndTheApiKeyAloneOpensNothing()
    {
        using var stranger = await dashboard.Host.Client.GetAsync(EventsCsv.Path, Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, stranger.StatusCode);

        var (status, _) = await dashboard.Host.CallAsync(HttpMethod.Get, EventsCsv.Path);
        Assert.Equal((int)HttpStatusCode.Redirect, status);
    }

    [Fact]
    public async Task Export_HasTheRowsOfTheApi()
    {
        await using var host = await HostFixture.StartAsync();
        using var traffic = new Traffic(host.Origin);
        await traffic.CreateLinkAsync("one", "https://example.com/?a=1,2");
        await traffic.CreateLinkAsync("two");
        await traffic.LeadAsync(await traffic.FollowAsync("one"), "=user_one", "=cmd|' /C calc'!A0", "ada@example.org");
        await traffic.LeadAsync(await traffic.FollowAsync("two"), "user_two");
        await traffic.SaleAsync("=user_one", 1000);
        using var browser = await SignInAsync(host.Origin);

        using var response = await browser.GetAsync(EventsCsv.Path + "?interval=24h", Cancellation);
        var all = await ReadAsync(response);

        Assert.Equal("text/csv; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.StartsWith("attachment; filename=\"events-", response.Content.Headers.GetValues("Content-Disposition").Single(), StringComparison.Ordinal);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal(await traffic.EventsAsync("&interval=24h"), Lines(all));
        var lead = Assert.Single(all, row => row["event"] == "lead" && row["key"] == "one");
        Assert.Equal(("'=user_one", "'=cmd|' /C calc'!A0", "ada@example.org"), (lead["customer_external_id"], lead["customer_name"], lead["customer_email"]));
        Assert.Equal(("1000", "usd"), (all.Single(row => row["event"] == "sale")["sale_amount"], all.Single(row => row["event"] == "sale")["currency"]));

        Assert.Equal(await traffic.EventsAsync("&domain=127.0.0.1&key=two"), Lines(await ReadAsync(browser, "?interval=24h&link=127.0.0.1/two")));
        Assert.Equal(2, (await ReadAsync(browser, "?interval=all&event=leads")).Count);
        Assert.Equal(3, (await ReadAsync(browser, "?user=%3Duser_one")).Count);
        Assert.Empty(await ReadAsync(browser, "?user=user_nobody"));
        Assert.Empty(await ReadAsync(browser, "?start=2025-01-01&end=2025-01-31"));
    }

    [Theory]
    [InlineData("?interval=forever", "interval")]
    [InlineData("?event=views", "event")]
    [InlineData("?start=2026-02-30", "start")]
    public async Task QuestionThatCannotBe_IsRefusedAndSaysWhy(string query, string named)
    {
        using var browser = await SignInAsync(dashboard.Host.Origin);
        using var response = await browser.GetAsync(EventsCsv.Path + query, Cancellation);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains(named, await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PersonalColumns_AreForWhomTheSettingNames()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:Dashboard:PersonalData"] = "nobody" });
        using var traffic = new Traffic(host.Origin);
        await traffic.CreateLinkAsync("private");
        await traffic.LeadAsync(await traffic.FollowAsync("private"), "user_private", "Ada Lovelace", "ada@example.org");
        using var browser = await SignInAsync(host.Origin);

        var text = await browser.GetStringAsync(EventsCsv.Path, Cancellation);

        Assert.Contains("user_private", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ada@example.org", text, StringComparison.Ordinal);
        Assert.DoesNotContain("customer_name", text, StringComparison.Ordinal);
        Assert.DoesNotContain("metadata", text, StringComparison.Ordinal);
    }

    /// <summary>It is read from the store while it is read from the host: what is not asked for yet has not been read when the store goes away. And who
    /// reads learns that the end is missing.</summary>
    [Fact]
    public async Task LongExport_IsNeverInMemoryAsAWhole()
    {
        const int events = 8_000, length = 6_000;
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var redis = await RedisServerFixture.StartAsync();
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = redis.ConfigurationOptions.ToString() });
        var (now, url) = (DateTimeOffset.UtcNow, "https://example.com/" + new string('x', length));
        foreach (var chunk in Enumerable.Range(0, events).Chunk(100))
        {
            await Task.WhenAll(chunk.Select(i => host.Get<ClickStore>().RecordAsync(new Click
            {
                Id = Ids.NewEvent(),
                Timestamp = now.AddMilliseconds(-i),
                LinkId = "link_long",
                Domain = "127.0.0.1",
                Key = "long",
                Url = url,
            })));
        }

        using var browser = await SignInAsync(host.Origin);
        var all = (await browser.GetStringAsync(EventsCsv.Path + "?interval=all", Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        using var response = await browser.GetAsync(EventsCsv.Path + "?interval=all", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        await reader.ReadLineAsync(Cancellation);
        redis.Kill();
        var lines = 1;
        var broken = await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await reader.ReadLineAsync(Cancellation) is not null)
            {
                lines++;
            }
        });

        Assert.Equal(events + 1, all);
        Assert.True(lines < all / 2, $"{lines} of {all} lines had been read before the store went away ({broken.Message}).");
    }

    private static async Task<HttpClient> SignInAsync(Uri origin)
    {
        using var form = new FormBrowser(origin);
        using var response = await form.SignInAsync(new() { ["way"] = "key", ["key"] = HostFixture.ApiKey });
        var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = origin };
        browser.DefaultRequestHeaders.Add("Cookie", response.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("dubclerk_dashboard=", StringComparison.Ordinal)).Split(';')[0]);
        return browser;
    }

    private static async Task<IReadOnlyList<Dictionary<string, string>>> ReadAsync(HttpClient browser, string query)
    {
        using var response = await browser.GetAsync(EventsCsv.Path + query, Cancellation);
        return await ReadAsync(response);
    }

    private static async Task<IReadOnlyList<Dictionary<string, string>>> ReadAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var rows = Parse(await response.Content.ReadAsStringAsync(Cancellation));
        return [.. rows.Skip(1).Select(row => rows[0].Zip(row).ToDictionary(cell => cell.First, cell => cell.Second))];
    }

    private static IEnumerable<string> Lines(IEnumerable<Dictionary<string, string>> rows)
        => rows.Select(row => (row, At: DateTimeOffset.Parse(row["timestamp"], System.Globalization.CultureInfo.InvariantCulture)))
            .Select(row => (row.At, Line: Traffic.Line(row.row["event"], row.At, $"{row.row["domain"]}/{row.row["key"]}")))
            .OrderByDescending(row => row.At).ThenByDescending(row => row.Line, StringComparer.Ordinal).Select(row => row.Line);

    /// <summary>As RFC 4180 reads it.</summary>
    private static List<List<string>> Parse(string text)
    {
        var (rows, row, cell, isQuoted) = (new List<List<string>>(), new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (isQuoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
            {
                cell.Append(c);
                i++;
            }
            else if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (!isQuoted && c is ',' or '\n')
            {
                row.Add(cell.ToString().TrimEnd('\r'));
                cell.Clear();
                if (c == '\n')
                {
                    rows.Add(row);
                    row = [];
                }
            }
            else
            {
                cell.Append(c);
            }
        }

        return rows;
    }
}
