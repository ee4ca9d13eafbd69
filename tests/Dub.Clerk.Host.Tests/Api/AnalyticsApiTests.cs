using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.Tests.Api;

/// <summary>What <c>/analytics</c> counts and <c>/events</c> lists, after real clicks, leads and sales.</summary>
public sealed class AnalyticsApiTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private static int _customers;

    public static TheoryData<string, string> BadQueries => new()
    {
        { "event=opens", "invalid_value: event: Invalid option: expected one of \"clicks\"|\"leads\"|\"sales\"|\"composite\"" },
        { "interval=2w", "invalid_value: interval: Invalid option: expected one of \"24h\"|\"7d\"|\"30d\"|\"90d\"|\"1y\"|\"mtd\"|\"qtd\"|\"ytd\"|\"all\"" },
        { "start=2022-09-21", "custom: start: The start date cannot be earlier than September 22, 2022." },
        { "start=2026-05-02&end=2026-05-01", "custom: end: The end date cannot be before the start date." },
        { "end=9999-12-31", "custom: end: The end date cannot be more than a year ahead." },
        { "start=yesterday", "invalid_type: start: Invalid date." },
        { "key=launch", "custom: key: A key needs the domain that it is on." },
        { "saleType=old", "invalid_value: saleType: Invalid option: expected one of \"new\"|\"recurring\"" },
        { "query=plan:pro", "custom: query: Write it as metadata['name']:value, with one of : = != > < >= <=." },
        { "root=yes", "invalid_value: root: Invalid option: expected one of \"true\"|\"false\"" },
    };

    public static TheoryData<string, int> Filters => new()
    {
        { "", 5 },
        { "country=US", 2 },
        { "country=us,DE", 3 },
        { "country=-US", 3 },
        { "country=-US,DE", 2 },
        { "region=US-CA", 2 },
        { "city=San+Francisco", 2 },
        { "country=US&city=Berlin", 0 },
        { "browser=Firefox", 1 },
        { "device=mobile", 1 },
        { "device=Mobile&country=-DE", 0 },
        { "referer=news.example", 1 },
        { "referer=(direct)", 4 },
        { "refererUrl=https://news.example/a,b", 1 },
        { "utm_source=mail", 5 },
        { "utm_source=-mail", 0 },
        { "trigger=link", 5 },
        { "root=true", 0 },
        { "root=false", 5 },
        { "tagIds=tag_1", 0 },
        { "folderId=-f", 5 },
        { "linkId=link_none", 0 },
        { "externalId=ext_none", 0 },
        { "tenantId=none", 0 },
        { "customerId=cus_none", 0 },
    };

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task Funnel_CountsWhatHappened(string prefix)
    {
        var link = await CampaignAsync();

        var count = await AskAsync(link, "event=composite", prefix);
        var clicks = await AskAsync(link, "", prefix);
        var sales = await AskAsync(link, "event=sales&groupBy=count&interval=24h", prefix);

        Assert.Equal("""{"clicks":5,"leads":2,"sales":3,"saleAmount":9700}""", count.GetRawText());
        Assert.Equal("""{"clicks":5,"leads":0,"sales":0,"saleAmount":0}""", clicks.GetRawText());
        Assert.Equal("""{"clicks":0,"leads":0,"sales":3,"saleAmount":9700}""", sales.GetRawText());
        Assert.Equal("2", (await AskAsync(link, "", prefix, "/analytics/leads")).GetRawText());
        Assert.Equal("3", (await AskAsync(link, "", prefix, "/analytics/sales/count")).GetRawText());
        Assert.Equal(5, (await AskAsync(link, "interval=all&groupBy=count", prefix)).GetProperty("clicks").GetInt32());
    }

    [Theory]
    [InlineData("interval=24h", 25)]
    [InlineData("interval=7d&timezone=Asia/Kolkata", 8)]
    [InlineData("interval=30d&timezone=Nowhere/Land", 31)]
    [InlineData("", 31)]
    [InlineData("interval=90d&timezone=America/New_York", 91)]
    [InlineData("interval=1y", 13)]
    [InlineData("interval=all", 1)]
    public async Task TimeSeries_HasEveryPartOnceAndAllEvents(string period, int parts)
    {
        var link = await CampaignAsync();

        var rows = (await AskAsync(link, "event=composite&groupBy=timeseries&" + period)).EnumerateArray().ToList();

        // A day begins or ends in the hour by which the clocks have changed since: once a day there is one part fewer.
        Assert.InRange(rows.Count, period.Contains("New_York", StringComparison.Ordinal) ? parts - 1 : parts, parts);
        Assert.Equal((5, 2, 3, 9700), (Sum(rows, "clicks"), Sum(rows, "leads"), Sum(rows, "sales"), Sum(rows, "saleAmount")));
        Assert.All(rows, row => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:00:00\.000[+-]\d{4}$", row.GetProperty("start").GetString()));
        Assert.Equal(rows.Count, rows.Select(row => row.GetProperty("start").GetString()).Distinct().Count());
        Assert.Equal(["start", "clicks", "leads", "sales", "saleAmount"], rows[0].EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task CustomRange_IsWholeDaysOfTheZone()
    {
        var link = await CampaignAsync();
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var today = TimeZoneInfo.ConvertTime(DateTimeOffset.UtcNow, zone).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

        var hours = (await AskAsync(link, $"groupBy=timeseries&start={today}&end={today}&timezone=Europe/Berlin")).EnumerateArray().ToList();

        // 23 or 25 when the clocks change.
        Assert.InRange(hours.Count, 23, 25);
        Assert.StartsWith(today + "T00:00:00.000+0", hours[0].GetProperty("start").GetString(), StringComparison.Ordinal);
        Assert.Equal(5, Sum(hours, "clicks"));
        Assert.Equal(0, (await AskAsync(link, "start=2024-01-01&end=2024-12-31")).GetProperty("clicks").GetInt32());
        Assert.Equal(12, (await AskAsync(link, "groupBy=timeseries&start=2024-01-01&end=2024-12-31")).GetArrayLength());
    }

    [Fact]
    public async Task Groups_AreSortedAndLeaveOutWhatIsUnknown()
    {
        var link = await CampaignAsync();
        var id = Text(link, "id");

        Assert.Equal("""[{"country":"US","region":"*","city":"*","clicks":2,"leads":0,"sales":0,"saleAmount":0},{"country":"DE","region":"*","city":"*","clicks":1,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("countries"));
        Assert.Equal("""[{"country":"US","region":"US-CA","city":"*","clicks":2,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("regions"));
        Assert.Equal("""[{"country":"US","region":"US-CA","city":"San Francisco","clicks":2,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("cities"));
        Assert.Equal("""[{"browser":"Chrome","clicks":4,"leads":0,"sales":0,"saleAmount":0},{"browser":"Firefox","clicks":1,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("browsers"));
        Assert.Equal("""[{"device":"Desktop","clicks":4,"leads":0,"sales":0,"saleAmount":0},{"device":"Mobile","clicks":1,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("devices"));
        Assert.Equal("""[{"referer":"(direct)","clicks":4,"leads":0,"sales":0,"saleAmount":0},{"referer":"news.example","clicks":1,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("referers"));
        Assert.Equal("""[{"refererUrl":"(direct)","clicks":4,"leads":0,"sales":0,"saleAmount":0},{"refererUrl":"https://news.example/a,b","clicks":1,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("referer_urls"));
        Assert.Equal("""[{"trigger":"link","clicks":5,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("triggers"));
        Assert.Equal("""[{"utm_source":"mail","clicks":5,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("utm_sources"));
        Assert.Equal("[]", await RowsAsync("utm_terms"));
        Assert.Equal("[]", await RowsAsync("top_folders"));
        Assert.Equal("""[{"url":"https://example.com/?utm_source=mail","clicks":5,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("top_urls"));
        Assert.Equal("""[{"url":"https://example.com/","clicks":5,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("top_base_urls"));
        Assert.Equal("""[{"domain":"127.0.0.1","clicks":5,"leads":0,"sales":0,"saleAmount":0}]""", await RowsAsync("top_domains"));
        var top = Assert.Single((await AskAsync(link, "event=composite&groupBy=top_links")).EnumerateArray());
        Assert.Equal((id, id, Text(link, "shortLink"), 5, 2, 3, 9700), (Text(top, "link"), Text(top, "id"), Text(top, "shortLink"), Number(top, "clicks"), Number(top, "leads"), Number(top, "sales"), Number(top, "saleAmount")));

        async Task<string> RowsAsync(string groupBy) => (await AskAsync(link, "groupBy=" + groupBy)).GetRawText();
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Filter_HoldsForCountsAndEventsAlike(string filter, int clicks)
    {
        var link = await CampaignAsync();

        var count = await AskAsync(link, filter);
        var events = await AskAsync(link, filter, path: "/events");
        var series = await AskAsync(link, filter + "&groupBy=timeseries");

        Assert.Equal(clicks, Number(count, "clicks"));
        Assert.Equal(Number(count, "clicks"), events.GetArrayLength());
        Assert.Equal(Number(count, "clicks"), Sum([.. series.EnumerateArray()], "clicks"));
    }

    [Theory]
    [InlineData("saleType=new", 2)]
    [InlineData("saleType=recurring", 1)]
    [InlineData("query=metadata['seats']>1", 2)]
    [InlineData("query=metadata[\"plan\"]:pro", 1)]
    [InlineData("query=metadata['plan']!=pro", 2)]
    [InlineData("query=metadata['plan']>=pro", 0)]
    [InlineData("country=US", 1)]
    public async Task SalesFilter_HoldsForCountsAndEventsAlike(string filter, int sales)
    {
        var link = await CampaignAsync();

        Assert.Equal(sales, Number(await AskAsync(link, "event=sales&" + filter), "sales"));
        Assert.Equal(sales, (await AskAsync(link, "event=sales&" + filter, path: "/events")).GetArrayLength());
    }

    [Fact]
    public async Task Customer_HasTheirOwnEvents()
    {
        var link = await CampaignAsync();
        var lead = (await AskAsync(link, "event=leads", path: "/events"))[0];
        var customer = Text(lead.GetProperty("customer"), "id");

        var count = await AskAsync(link, "event=composite&customerId=" + customer);

        Assert.Equal((1, 1), (Number(count, "clicks"), Number(count, "leads")));
        Assert.InRange(Number(count, "sales"), 1, 2);
    }

    [Fact]
    public async Task Events_ComeInPagesOfEitherOrder()
    {
        var link = await CampaignAsync();
        var newest = Ids(await AskAsync(link, "limit=3", path: "/events"));
        var rest = Ids(await AskAsync(link, "limit=3&page=2", path: "/events"));
        var oldest = Ids(await AskAsync(link, "sortOrder=asc", path: "/events"));
        var deprecated = Ids(await AskAsync(link, "order=asc", path: "/events"));

        Assert.Equal((3, 2), (newest.Count, rest.Count));
        Assert.Equal(newest.Concat(rest).Reverse(), oldest);
        Assert.Equal(oldest, deprecated);
        Assert.Empty((await AskAsync(link, "limit=3&page=3", path: "/events")).EnumerateArray());
    }

    [Theory]
    [MemberData(nameof(BadQueries))]
    public async Task BadQuery_IsRefusedInDubsWords(string query, string message)
    {
        var (status, error) = await shared.Host.CallAsync(HttpMethod.Get, "/analytics?" + query);

        Assert.Equal((422, "unprocessable_entity", message), (status, Text(error.GetProperty("error"), "code"), Text(error.GetProperty("error"), "message")));
    }

    /// <summary>The runtime reads a zone's file; one that never ends would be read for ever.</summary>
    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("../../../../dev/zero")]
    [InlineData("Europe/../../../../dev/zero")]
    [InlineData("Europe")]
    [InlineData("%00")]
    public async Task TimezoneThatIsNone_IsTakenForUtc(string timezone)
    {
        var (status, parts) = await shared.Host.CallAsync(HttpMethod.Get, "/analytics?groupBy=timeseries&interval=7d&timezone=" + timezone);

        Assert.Equal(200, status);
        Assert.All(parts.EnumerateArray(), part => Assert.EndsWith("T00:00:00.000+0000", Text(part, "start"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Composite_IsNoEvent()
    {
        var (status, error) = await shared.Host.CallAsync(HttpMethod.Get, "/events?event=composite");

        Assert.Equal((422, "invalid_value: event: Invalid option: expected one of \"clicks\"|\"leads\"|\"sales\""), (status, Text(error.GetProperty("error"), "message")));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static int Sum(IReadOnlyCollection<JsonElement> rows, string name) => rows.Sum(row => Number(row, name));

    private static List<string> Ids(JsonElement events) => [.. events.EnumerateArray().Select(one => Text(one, "click_id"))];

    /// <summary>A link with five clicks, two customers and three sales of 9,700 cents.</summary>
    private async Task<JsonElement> CampaignAsync()
    {
        var link = await shared.CreateAsync(new JsonObject { ["key"] = SharedHost.NewKey(), ["url"] = "https://example.com/?utm_source=mail", ["trackConversion"] = true });
        var (first, second) = ($"buyer-{Interlocked.Increment(ref _customers)}", $"buyer-{Interlocked.Increment(ref _customers)}");
        await LeadAsync(first, await ClickAsync(link, "US", "CA", "San Francisco"));
        await LeadAsync(second, await ClickAsync(link, "DE", userAgent: Phone));
        await ClickAsync(link, "US", "CA", "San Francisco", referrer: "https://news.example/a,b?q=1");
        await ClickAsync(link, userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
        await ClickAsync(link);
        await SaleAsync(first, 4900, """{"plan":"pro","seats":2}""");
        await SaleAsync(second, 4700, """{"seats":3}""");
        await SaleAsync(second, 100, """{"seats":"1"}""");
        return link;
    }

    private const string Desktop = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    private const string Phone = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";

    private static int _visitors;

    private async Task<string> ClickAsync(JsonElement link, string? country = null, string? region = null, string? city = null, string? userAgent = null, string? referrer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(shared.Host.Origin, Text(link, "key")));
        request.Headers.UserAgent.ParseAdd(userAgent ?? Desktop);
        request.Headers.Add("X-Forwarded-For", $"198.51.{Interlocked.Increment(ref _visitors) / 250}.{_visitors % 250}");
        foreach (var (name, value) in ((string, string?)[])[("CF-IPCountry", country), ("CF-Region-Code", region), ("CF-IPCity", city), ("Referer", referrer)])
        {
            if (value is not null)
            {
                request.Headers.Add(name, value);
            }
        }

        using var response = await shared.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return System.Web.HttpUtility.ParseQueryString(response.Headers.Location!.Query)["dub_id"]!;
    }

    private Task LeadAsync(string customer, string click) => PostAsync("/track/lead", $$"""{"clickId":"{{click}}","eventName":"Sign up","customerExternalId":"{{customer}}"}""");

    private Task SaleAsync(string customer, int amount, string metadata) => PostAsync("/track/sale", $$"""{"customerExternalId":"{{customer}}","amount":{{amount}},"metadata":{{metadata}}}""");

    private async Task PostAsync(string path, string body)
    {
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var response = await shared.Host.Api.PostAsync(path, content, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Asks about one link, unless the query names another.</summary>
    private async Task<JsonElement> AskAsync(JsonElement link, string query, string prefix = "", string path = "/analytics")
    {
        var about = query.StartsWith("linkId=", StringComparison.Ordinal) ? query : $"linkId={Text(link, "id")}&{query}";
        var (status, body) = await shared.Host.CallAsync(HttpMethod.Get, $"{prefix}{path}?{about}");
        Assert.True(status == 200, body.GetRawText());
        return body;
    }
}
