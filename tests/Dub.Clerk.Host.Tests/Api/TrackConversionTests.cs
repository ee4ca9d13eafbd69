using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Api;

/// <summary>Leads and sales over HTTP, in Dub's words.</summary>
public sealed class TrackConversionTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private static int _customers;

    public static TheoryData<string, int, string> BadLeads => new()
    {
        { "{", 400, "Invalid JSON format in request body. Please ensure the request body is a valid JSON object." },
        { "[]", 422, "invalid_type: : Invalid input: expected object, received array" },
        { "{}", 422, "invalid_type: eventName: Invalid input: expected string, received undefined" },
        { """{"clickId":7,"eventName":"x"}""", 422, "invalid_type: clickId: Invalid input: expected string, received number" },
        { """{"eventName":" ","customerExternalId":"c"}""", 422, "too_small: eventName: eventName is required" },
        { $$"""{"eventName":"{{new string('x', 256)}}"}""", 422, "too_big: eventName: Too big: expected string to have <=255 characters" },
        { """{"eventName":"x"}""", 400, "customerExternalId is required" },
        { """{"eventName":"x","customerExternalId":" "}""", 400, "customerExternalId is required" },
        { """{"eventName":"x","customerExternalId":7}""", 422, "invalid_type: customerExternalId: Invalid input: expected string, received number" },
        { $$"""{"eventName":"x","customerExternalId":"c","customerName":"{{new string('x', 101)}}"}""", 422, "too_big: customerName: Too big: expected string to have <=100 characters" },
        { """{"eventName":"x","customerExternalId":"c","customerEmail":""}""", 422, "invalid_format: customerEmail: Invalid email address" },
        { """{"eventName":"x","customerExternalId":"c","customerEmail":"ada@example"}""", 422, "invalid_format: customerEmail: Invalid email address" },
        { $$"""{"eventName":"x","customerExternalId":"c","customerEmail":"{{new string('x', 100)}}@example.org"}""", 422, "too_big: customerEmail: Too big: expected string to have <=100 characters" },
        { """{"eventName":"x","customerExternalId":"c","mode":null}""", 422, "invalid_value: mode: Invalid option: expected one of \"async\"|\"wait\"|\"deferred\"" },
        { """{"eventName":"x","customerExternalId":"c","eventQuantity":0}""", 422, "too_small: eventQuantity: Too small: expected number to be >0" },
        { """{"eventName":"x","customerExternalId":"c","eventQuantity":101}""", 422, "too_big: eventQuantity: Too big: expected number to be <=100" },
        { """{"eventName":"x","customerExternalId":"c","eventQuantity":1.5}""", 422, "invalid_type: eventQuantity: Invalid input: expected int, received number" },
        { """{"eventName":"x","customerExternalId":"c","metadata":"x"}""", 422, "invalid_type: metadata: Invalid input: expected record, received string" },
        { $$$"""{"eventName":"x","customerExternalId":"c","metadata":{"a":"{{{new string('x', 9993)}}}"}}""", 422, "custom: metadata: Metadata must be less than 10,000 characters when stringified" },
        { """{"eventName":"x","customerExternalId":"c","metadata":{"a":"\ud800"}}""", 422, "custom: metadata: Metadata must be at most 62 levels deep, and its texts well-formed" },
        { """{"eventName":"x","customerExternalId":"nobody"}""", 400, "The `clickId` property was not provided in the request, and no existing customer with the provided `customerExternalId` was found." },
        { """{"eventName":"x","customerExternalId":"c","clickId":"AAAAAAAAAAAAAAAA"}""", 404, "Click event not found for clickId: AAAAAAAAAAAAAAAA" },
    };

    public static TheoryData<string, int, string> BadSales => new()
    {
        { "{}", 422, "invalid_type: amount: amount is required" },
        { """{"amount":"1"}""", 422, "invalid_type: amount: amount is required" },
        { """{"amount":-1}""", 422, "too_small: amount: amount cannot be negative" },
        { """{"amount":1.5}""", 422, "invalid_type: amount: Invalid input: expected int, received number" },
        { """{"amount":1e300}""", 422, "too_big: amount: Too big: expected int to be <=9007199254740991" },
        { """{"amount":1,"currency":null}""", 422, "invalid_type: currency: Invalid input: expected string, received null" },
        { """{"amount":1,"eventName":null}""", 422, "invalid_type: eventName: Invalid input: expected string, received null" },
        { """{"amount":1}""", 400, "customerExternalId is required" },
        { """{"amount":1,"customerExternalId":"c","currency":"xyz"}""", 422, "custom: currency: No exchange rate for XYZ is configured. Set DubClerk:ExchangeRates, or send the amount in usd." },
        { """{"amount":1,"customerExternalId":"c","clickId":"AAAAAAAAAAAAAAAA"}""", 404, "Click event not found for clickId: AAAAAAAAAAAAAAAA" },
    };

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task Lead_IsThereWhenTheAnswerComes(string prefix)
    {
        var (link, clickId) = await ClickAsync();
        var id = NewCustomer();
        var body = $$$"""{"clickId":"{{{clickId}}}","eventName":" Sign Up ","customerId":"{{{id}}}","metadata":{"plan":{"seats":[1,2]}},"mode":"wait"}""";

        var (status, lead) = await PostAsync(prefix + "/track/lead", body);

        Assert.Equal(200, status);
        var name = Text(lead.GetProperty("customer"), "name");
        Assert.Matches("^[A-Z][a-z]+ [A-Z][a-z]+ [A-Z][a-z]+$", name);
        Assert.Equal(
            $$$"""{"click":{"id":"{{{clickId}}}"},"link":{"id":"{{{Text(link, "id")}}}","domain":"127.0.0.1","key":"{{{Text(link, "key")}}}","shortLink":"{{{Text(link, "shortLink")}}}","url":"https://example.com/","partnerId":null,"programId":null,"tenantId":null,"externalId":null},"customer":{"name":"{{{name}}}","email":null,"avatar":null,"externalId":"{{{id}}}"}}""",
            lead.GetRawText());
        var (_, repeat) = await PostAsync(prefix + "/track/lead", body.Replace(clickId, "BBBBBBBBBBBBBBBB", StringComparison.Ordinal).Replace(" Sign Up ", "sign-up", StringComparison.Ordinal));
        Assert.Equal($$$"""{"click":{"id":"BBBBBBBBBBBBBBBB"},"link":null,"customer":{"name":"{{{name}}}","email":null,"avatar":null,"externalId":"{{{id}}}"}}""", repeat.GetRawText());

        var happened = Assert.Single(await EventsAsync("leads", id));
        Assert.Equal(("Sign Up", """{"plan":{"seats":[1,2]}}"""), (Text(happened, "eventName"), happened.GetProperty("metadata").GetRawText()));
        Assert.Equal(1, happened.GetProperty("link").GetProperty("leads").GetInt32());
    }

    [Fact]
    public async Task Deferred_CreatesTheCustomerAndLaterNeedsNoClick()
    {
        var (link, clickId) = await ClickAsync();
        var id = NewCustomer();

        var (_, deferred) = await PostAsync("/track/lead", $$"""{"clickId":"{{clickId}}","eventName":"Trial","externalId":"{{id}}","customerEmail":"ada@example.org","mode":"deferred"}""");
        Assert.Equal(Text(link, "id"), Text(deferred.GetProperty("link"), "id"));
        Assert.Empty(await EventsAsync("leads", id));

        var (_, lead) = await PostAsync("/track/lead", $$"""{"clickId":"","eventName":"Trial","customerExternalId":"{{id}}","eventQuantity":3}""");
        Assert.Equal((clickId, "ada@example.org"), (Text(lead.GetProperty("click"), "id"), Text(lead.GetProperty("customer"), "name")));
        Assert.Equal(3, (await EventsAsync("leads", id)).Count);
    }

    [Fact]
    public async Task DisabledOrDeletedLink_TakesNothing()
    {
        var (link, clickId) = await ClickAsync();
        var (linkId, id) = (Text(link, "id"), NewCustomer());
        await PostAsync("/track/lead", $$"""{"clickId":"{{clickId}}","eventName":"Sign Up","customerExternalId":"{{id}}"}""");
        var customer = Text((await shared.Host.CallAsync(HttpMethod.Get, $"/customers/ext_{id}")).Body, "id");
        await shared.Host.CallAsync(HttpMethod.Patch, "/links/" + linkId, """{"disabled":true}""");

        await AssertRefusedAsync("/track/lead", $$"""{"clickId":"{{clickId}}","eventName":"x","customerExternalId":"n"}""", 404, $"Link {linkId} for clickId {clickId} is disabled, lead not tracked");
        await AssertRefusedAsync("/track/sale", $$"""{"clickId":"{{clickId}}","amount":1,"customerExternalId":"n"}""", 404, $"Link {linkId} for clickId {clickId} is disabled, sale not tracked");
        await AssertRefusedAsync("/track/sale", $$"""{"amount":1,"customerExternalId":"{{id}}"}""", 404, $"Link {linkId} for customer {customer} is disabled, sale not tracked");
        await shared.Host.CallAsync(HttpMethod.Delete, "/links/" + linkId);
        await AssertRefusedAsync("/track/lead", $$"""{"clickId":"{{clickId}}","eventName":"x","customerExternalId":"n"}""", 404, $"Link not found for clickId: {clickId}");
        await AssertRefusedAsync("/track/sale", $$"""{"amount":1,"customerExternalId":"{{id}}"}""", 404, $"Link not found for customer {customer}");
    }

    [Theory]
    [MemberData(nameof(BadLeads))]
    public Task BadLead_IsRefusedInDubsWords(string body, int status, string message) => AssertRefusedAsync("/track/lead", body, status, message);

    [Theory]
    [MemberData(nameof(BadSales))]
    public Task BadSale_IsRefusedInDubsWords(string body, int status, string message) => AssertRefusedAsync("/track/sale", body, status, message);

    [Fact]
    public async Task Sale_MovesTheCountersOfLinkAndCustomer()
    {
        var (link, clickId) = await ClickAsync();
        var id = NewCustomer();
        await PostAsync("/track/lead", $$"""{"clickId":"{{clickId}}","eventName":"Sign Up","customerExternalId":"{{id}}","customerName":"Ada"}""");
        var body = $$$"""{"customerExternalId":"{{{id}}}","amount":1500,"currency":"JPY","invoiceId":"in {{{id}}}","paymentProcessor":"stripe","metadata":{"a":1}}""";

        var (status, sale) = await PostAsync("/track/sale", body);

        Assert.Equal(200, status);
        var customerId = Text(sale.GetProperty("customer"), "id");
        Assert.Equal(
            $$$$"""{"eventName":"Purchase","customer":{"id":"{{{{customerId}}}}","name":"Ada","email":null,"avatar":null,"externalId":"{{{{id}}}}"},"sale":{"amount":1000,"currency":"usd","paymentProcessor":"stripe","invoiceId":"in {{{{id}}}}","metadata":{"a":1}}}""",
            sale.GetRawText());
        Assert.Equal(sale.GetRawText(), (await PostAsync("/track/sale", body.Replace("1500", "9", StringComparison.Ordinal))).Body.GetRawText());
        await PostAsync("/track/sale", $$"""{"customerExternalId":"{{id}}","amount":500}""");

        var (_, after) = await shared.Host.CallAsync(HttpMethod.Get, "/links/" + Text(link, "id"));
        Assert.Equal((1, 2, 1500), (after.GetProperty("conversions").GetInt32(), after.GetProperty("sales").GetInt32(), after.GetProperty("saleAmount").GetInt32()));
        var (_, customer) = await shared.Host.CallAsync(HttpMethod.Get, "/customers/" + customerId);
        Assert.Equal((2, 1500), (customer.GetProperty("sales").GetInt32(), customer.GetProperty("saleAmount").GetInt32()));
        Assert.NotNull(customer.GetProperty("firstSaleAt").GetString());
        var happened = (await EventsAsync("sales", id))[1];
        Assert.Equal((1000, "in " + id, "stripe"), (happened.GetProperty("saleAmount").GetInt32(), Text(happened, "invoice_id"), Text(happened, "payment_processor")));
        Assert.Equal($$"""{"amount":1000,"invoiceId":"in {{id}}","paymentProcessor":"stripe","currency":"usd"}""", happened.GetProperty("sale").GetRawText());
    }

    [Fact]
    public async Task HundredSalesOfOneInvoiceAtOnce_AreOneAndAnswerTheSame()
    {
        var (link, clickId) = await ClickAsync();
        var id = NewCustomer();
        await PostAsync("/track/lead", $$"""{"clickId":"{{clickId}}","eventName":"Sign Up","customerExternalId":"{{id}}"}""");

        var answers = await Task.WhenAll(Enumerable.Range(1, 100).Select(i => PostAsync("/track/sale", $$"""{"customerExternalId":"{{id}}","amount":{{i}},"invoiceId":"{{id}}"}""")));

        Assert.Single(answers.Select(answer => answer.Body.GetRawText()).Distinct());
        Assert.Equal(1, (await shared.Host.CallAsync(HttpMethod.Get, "/links/" + Text(link, "id"))).Body.GetProperty("sales").GetInt32());
    }

    [Fact]
    public async Task SaleWithoutCustomer_IsAnsweredWithNullsOrRecordedDirectly()
    {
        var (_, clickId) = await ClickAsync();
        var id = NewCustomer();
        const string nothing = """{"eventName":"Order","customer":null,"sale":null}""";

        Assert.Equal(nothing, (await PostAsync("/track/sale", $$"""{"customerExternalId":"{{id}}","amount":5,"eventName":"Order"}""")).Body.GetRawText());
        Assert.Equal(nothing, (await PostAsync("/track/sale", $$"""{"customerExternalId":"{{id}}","amount":0,"eventName":"Order","clickId":"{{clickId}}"}""")).Body.GetRawText());
        Assert.Equal(404, (await shared.Host.CallAsync(HttpMethod.Get, "/customers/ext_" + id)).Status);

        var (_, sale) = await PostAsync("/track/sale", $$"""{"customerExternalId":"{{id}}","amount":5,"clickId":"{{clickId}}"}""");
        Assert.Equal(5, sale.GetProperty("sale").GetProperty("amount").GetInt32());
        Assert.Equal("Direct sale tracking lead event", Text(Assert.Single(await EventsAsync("leads", id)), "eventName"));
    }

    [Fact]
    public async Task CustomerWithoutALead_TakesNoSale()
    {
        var (_, clickId) = await ClickAsync();
        var id = NewCustomer();
        await PostAsync("/track/lead", $$"""{"clickId":"{{clickId}}","eventName":"Sign Up","customerExternalId":"{{id}}","mode":"deferred"}""");

        await AssertRefusedAsync("/track/sale", $$"""{"customerExternalId":"{{id}}","amount":5}""", 404, $"Lead event not found for externalId: {id} and leadEventName: null");
    }

    [Fact]
    public async Task DeepestMetadata_IsAnsweredAndListed()
    {
        var (_, clickId) = await ClickAsync();
        var id = NewCustomer();
        var metadata = string.Concat(Enumerable.Repeat("{\"a\":", 62)) + "1" + new string('}', 62);

        Assert.Equal(200, (await PostAsync("/track/lead", $$"""{"clickId":"{{clickId}}","eventName":"Sign Up","customerExternalId":"{{id}}","metadata":{{metadata}}}""")).Status);
        Assert.Equal(200, (await PostAsync("/track/sale", $$"""{"customerExternalId":"{{id}}","amount":5,"metadata":{{metadata}}}""")).Status);
        Assert.Equal(422, (await PostAsync("/track/sale", $$$"""{"customerExternalId":"{{{id}}}","amount":5,"metadata":{"a":{{{metadata}}}}}""")).Status);
        foreach (var kind in (string[])["leads", "sales"])
        {
            var text = await shared.Host.Api.GetStringAsync($"/events?event={kind}&limit=1000", TestContext.Current.CancellationToken);
            Assert.Contains(metadata, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task SumBeyondWhatJsonHolds_StaysAtTheLimit()
    {
        const long most = 9_007_199_254_740_991;
        var (_, clickId) = await ClickAsync();
        var id = NewCustomer();
        await PostAsync("/track/lead", $$"""{"clickId":"{{clickId}}","eventName":"Sign Up","customerExternalId":"{{id}}"}""");

        foreach (var amount in (long[])[1, most, 7])
        {
            Assert.Equal(200, (await PostAsync("/track/sale", $$"""{"customerExternalId":"{{id}}","amount":{{amount}}}""")).Status);
        }

        var (_, customer) = await shared.Host.CallAsync(HttpMethod.Get, "/customers/ext_" + id);
        Assert.Equal((3, most), (customer.GetProperty("sales").GetInt32(), customer.GetProperty("saleAmount").GetInt64()));
        Assert.Equal(3, (await EventsAsync("sales", id)).Count);
    }

    [Fact]
    public async Task ClickThatWasNotRecordedHere_IsAskedOfDubButNotForPages()
    {
        await using var dub = await DubStandIn.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?>
        {
            ["DUB_API_KEY"] = dub.ApiKey,
            ["DUB_API_URL"] = dub.Address.ToString(),
            ["DUBCLERK_PUBLISHABLE_KEY"] = SharedHost.PublishableKey,
        });
        var body = $$"""{"clickId":"{{dub.PlantClicks(1)[0]}}","eventName":"Sign Up","customerExternalId":"c"}""";

        Assert.Equal(404, (await host.CallAsync(HttpMethod.Post, "/track/lead/client", body, "Bearer " + SharedHost.PublishableKey)).Status);
        Assert.Equal(0, dub.Calls.Total);
        dub.Faults.Script("/track/lead", FaultKind.ServerErrorBefore);
        var (away, error) = await host.CallAsync(HttpMethod.Post, "/track/lead", body);
        Assert.Equal((503, "The click is none that was recorded here, and Dub does not answer. Try again."), (away, Text(error.GetProperty("error"), "message")));
        var (status, lead) = await host.CallAsync(HttpMethod.Post, "/track/lead", body);
        Assert.Equal(200, status);
        Assert.NotEqual(JsonValueKind.Null, lead.GetProperty("link").ValueKind);
    }

    [Theory]
    [InlineData(null, 401, "Missing publishable key.")]
    [InlineData("dub_pk_test", 400, "Invalid or missing publishable key.")]
    [InlineData("Bearer " + HostFixture.ApiKey, 400, "Invalid or missing publishable key.")]
    [InlineData("Bearer dub_pk_other", 401, "Invalid publishable key.")]
    public async Task WrongPublishableKey_IsRefusedToAnyPage(string? authorization, int status, string message)
    {
        foreach (var path in (string[])["/track/lead/client", "/api/track/sale/client"])
        {
            using var response = await SendAsync(path, "{}", authorization);

            Assert.Equal((status, message), ((int)response.StatusCode, await MessageAsync(response)));
            Assert.Equal(["*"], response.Headers.GetValues("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task Page_TracksLeadAndSaleWithThePublishableKey()
    {
        var (_, clickId) = await ClickAsync();
        var id = NewCustomer();
        const string key = "Bearer " + SharedHost.PublishableKey;

        using var preflight = await shared.Host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/track/lead/client"), TestContext.Current.CancellationToken);
        using var noClick = await SendAsync("/track/lead/client", """{"eventName":"x","customerExternalId":"c"}""", key);
        using var alias = await SendAsync("/track/lead/client", """{"clickId":"","eventName":"x","externalId":"c"}""", key);
        using var lead = await SendAsync("/track/lead/client", $$"""{"clickId":"{{clickId}}","eventName":"Sign Up","customerExternalId":"{{id}}"}""", key);
        using var sale = await SendAsync("/track/sale/client", $$"""{"customerExternalId":"{{id}}","amount":7}""", key);

        Assert.Equal((204, 200, 200), ((int)preflight.StatusCode, (int)lead.StatusCode, (int)sale.StatusCode));
        Assert.Equal("invalid_type: clickId: Invalid input: expected string, received undefined", await MessageAsync(noClick));
        Assert.Equal("invalid_type: customerExternalId: Invalid input: expected string, received undefined", await MessageAsync(alias));
        Assert.All([preflight, lead, sale, alias], response => Assert.Equal(["*"], response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal(401, (await shared.Host.CallAsync(HttpMethod.Post, "/track/lead", "{}", key)).Status);
    }

    [Fact]
    public async Task PageOfAnotherSite_IsRefused()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DUBCLERK_PUBLISHABLE_KEY"] = SharedHost.PublishableKey, ["DubClerk:AllowedHostnames"] = "example.com" });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/track/lead/client") { Content = new StringContent("{}", new MediaTypeHeaderValue("application/json")) };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + SharedHost.PublishableKey);
        request.Headers.TryAddWithoutValidation("Origin", "https://evil.example");

        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(403, (int)response.StatusCode);
        Assert.StartsWith("Request origin 'evil.example' is not included", await MessageAsync(response), StringComparison.Ordinal);
    }

    private static string NewCustomer() => $"customer {Interlocked.Increment(ref _customers)}";

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private async Task<(JsonElement Link, string ClickId)> ClickAsync()
    {
        var link = await shared.CreateAsync(new JsonObject { ["key"] = SharedHost.NewKey(), ["trackConversion"] = true });
        using var redirect = await shared.Host.Client.GetAsync("/" + Text(link, "key"), TestContext.Current.CancellationToken);
        return (link, redirect.Headers.Location!.OriginalString.Split("dub_id=")[1]);
    }

    private Task<(int Status, JsonElement Body)> PostAsync(string path, string body) => shared.Host.CallAsync(HttpMethod.Post, path, body);

    private async Task AssertRefusedAsync(string path, string body, int status, string message)
    {
        var (actual, error) = await PostAsync(path, body);
        Assert.Equal((status, message), (actual, Text(error.GetProperty("error"), "message")));
    }

    private async Task<IReadOnlyList<JsonElement>> EventsAsync(string kind, string customer)
        => [.. (await shared.Host.CallAsync(HttpMethod.Get, $"/events?event={kind}&limit=1000")).Body.EnumerateArray()
            .Where(happened => Text(happened.GetProperty("customer"), "externalId") == customer)];

    private Task<HttpResponseMessage> SendAsync(string path, string body, string? authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, new MediaTypeHeaderValue("application/json")) };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return shared.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<string> MessageAsync(HttpResponseMessage response)
        => Text(JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("error"), "message");
}
