using System.Text.Json;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Api;

/// <summary><c>/customers</c> over HTTP. Each test has a host of its own, because lists show everybody.</summary>
public sealed class CustomersApiTests : IAsyncLifetime
{
    private const string Missing =
        "Customer not found. Make sure you're using the correct customer ID (e.g. `cus_3TagGjzRzmsFJdH8od2BNCsc`) or external ID (has to be prefixed with `ext_`).";

    private HostFixture _host = null!;
    private string _clickId = null!;
    private string _linkId = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:Proxy:Trusted"] = "127.0.0.1", ["DubClerk:Proxy:CountryHeader"] = "CF-IPCountry" });
        _linkId = Text((await _host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"launch","trackConversion":true}""")).Body, "id");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/launch");
        request.Headers.Add("CF-IPCountry", "DE");
        using var redirect = await _host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        _clickId = redirect.Headers.Location!.OriginalString.Split("dub_id=")[1];
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task Customer_IsFoundByBothIds(string prefix)
    {
        var id = await CreateAsync("a/b c", """, "customerName":"Ada","customerEmail":"ada@example.org","customerAvatar":"https://example.com/a.png" """);

        var (_, byId) = await _host.CallAsync(HttpMethod.Get, $"{prefix}/customers/{id}");
        var (_, byExternalId) = await _host.CallAsync(HttpMethod.Get, $"{prefix}/customers/ext_a%2Fb%20c");

        Assert.Equal(byId.GetRawText(), byExternalId.GetRawText());
        var createdAt = Text(byId, "createdAt");
        Assert.Equal(
            $$"""{"id":"{{id}}","name":"Ada","email":"ada@example.org","avatar":"https://example.com/a.png","externalId":"a/b c","stripeCustomerId":null,"country":"DE","sales":0,"saleAmount":0,"createdAt":"{{createdAt}}","firstSaleAt":null,"subscriptionCanceledAt":null}""",
            byId.GetRawText());
        Assert.Equal("launch", Text((await _host.CallAsync(HttpMethod.Get, $"/customers/{id}?includeExpandedFields=true")).Body.GetProperty("link"), "key"));
        foreach (var nobody in (string[])["cus_1", "ext_", "ext_x", "a"])
        {
            await AssertErrorAsync(HttpMethod.Get, $"{prefix}/customers/{nobody}", null, 404, Missing);
        }

        Assert.Equal(401, (await _host.CallAsync(HttpMethod.Get, "/customers", null, null)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("linkId=LINK")]
    [InlineData("country=de")]
    public async Task Lists_ArePagedByNumberAndByCursor(string filter)
    {
        filter = filter.Replace("LINK", _linkId, StringComparison.Ordinal);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, await CreateAsync($"c{i}"));
        }

        // Of one millisecond the order is as it comes.
        ids.Sort(StringComparer.Ordinal);
        ids.Reverse();
        Assert.Equal(ids, await ListAsync(filter));
        Assert.Equal(ids.AsEnumerable().Reverse(), await ListAsync(filter + "&sortOrder=asc"));
        Assert.Equal(ids[2..4], await ListAsync(filter + "&page=2&pageSize=2"));
        Assert.Equal(ids[2..4], await ListAsync(filter + $"&startingAfter={ids[1]}&pageSize=2"));
        Assert.Equal(ids[1..3], await ListAsync(filter + $"&endingBefore={ids[3]}&pageSize=2"));
        Assert.Equal("5", (await _host.CallAsync(HttpMethod.Get, "/customers/count?" + filter)).Body.GetRawText());
        Assert.Empty(await ListAsync("country=FR"));
        Assert.Empty(await ListAsync("linkId=none"));
    }

    [Fact]
    public async Task Filters_WinInDubsOrder()
    {
        var (ada, bob) = (await CreateAsync("a", """, "customerEmail":"ada@example.org" """), await CreateAsync("b", """, "customerName":"Bob" """));
        await _host.CallAsync(HttpMethod.Post, "/track/sale", """{"customerExternalId":"a","amount":5}""");

        Assert.Equal([ada], await ListAsync("email=ada@example.org&externalId=b"));
        Assert.Equal([bob], await ListAsync("externalId=b&search=ada"));
        Assert.Equal([bob], await ListAsync("search=BOB"));
        Assert.Equal([ada, bob], await ListAsync("sortBy=saleAmount"));
        Assert.Equal([bob, ada], await ListAsync("sortBy=firstSaleAt&sortOrder=asc"));
    }

    [Theory]
    [InlineData("page=x", "invalid_type: page: Page must be a number.")]
    [InlineData("page=1001", "Page is too big (cannot be more than 1000), recommend using cursor-based pagination instead.")]
    [InlineData("pageSize=101", "too_big: pageSize: Max page size is 100.")]
    [InlineData("startingAfter=a&endingBefore=b", "You cannot use both startingAfter and endingBefore at the same time.")]
    [InlineData("startingAfter=a&page=1", "You cannot use both page and startingAfter/endingBefore at the same time. Please use one pagination method.")]
    [InlineData("startingAfter=a&sortBy=saleAmount", "Cursor-based pagination only supports sorting by `createdAt`. Use offset-based pagination (page/pageSize) for other sort fields.")]
    [InlineData("startingAfter=cus_1", "Invalid cursor: the provided ID does not exist.")]
    public Task BadList_IsRefusedInDubsWords(string query, string message) => AssertErrorAsync(HttpMethod.Get, "/customers?" + query, null, 422, message);

    [Fact]
    public async Task Change_KeepsWhatIsLeftOutAndClearsNull()
    {
        var id = await CreateAsync("a", """, "customerName":"Ada","customerEmail":"ada@example.org" """);
        await CreateAsync("b");

        var (_, changed) = await _host.CallAsync(HttpMethod.Patch, "/customers/ext_a", """{"email":null,"externalId":"new","country":"FR"}""");

        Assert.Equal((id, "Ada", "new", "DE"), (Text(changed, "id"), Text(changed, "name"), Text(changed, "externalId"), Text(changed, "country")));
        Assert.Null(changed.GetProperty("email").GetString());
        Assert.Equal(id, Text((await _host.CallAsync(HttpMethod.Get, "/customers/ext_new")).Body, "id"));
        Assert.Equal([id], await ListAsync("externalId=new"));
        await AssertErrorAsync(HttpMethod.Patch, "/customers/ext_b", """{"externalId":"new"}""", 409, "A customer with this external ID already exists.");
        await AssertErrorAsync(HttpMethod.Patch, "/customers/" + id, """{"avatar":"javascript:alert(1)"}""", 422, "invalid_format: avatar: Invalid URL");
        await AssertErrorAsync(HttpMethod.Patch, "/customers/" + id, """{"email":"x"}""", 422, "invalid_format: email: Invalid email address");
        await AssertErrorAsync(HttpMethod.Patch, "/customers/cus_1", "{}", 404, Missing);
    }

    [Fact]
    public async Task Deleted_IsGoneAndItsEventsHaveNoName()
    {
        var id = await CreateAsync("a", """, "customerName":"Ada" """);

        var (_, deleted) = await _host.CallAsync(HttpMethod.Delete, "/customers/ext_a");

        Assert.Equal($$"""{"id":"{{id}}"}""", deleted.GetRawText());
        await AssertErrorAsync(HttpMethod.Delete, "/customers/" + id, null, 404, Missing);
        Assert.Empty(await ListAsync(string.Empty));
        Assert.Equal("Deleted Customer", Text((await _host.CallAsync(HttpMethod.Get, "/events?event=leads")).Body[0].GetProperty("customer"), "name"));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private async Task<string> CreateAsync(string externalId, string more = "")
    {
        var (status, lead) = await _host.CallAsync(HttpMethod.Post, "/track/lead", $$"""{"clickId":"{{_clickId}}","eventName":"Sign Up","customerExternalId":"{{externalId}}"{{more}}}""");
        Assert.True(status == 200, lead.GetRawText());
        return Text((await _host.CallAsync(HttpMethod.Get, "/customers/ext_" + Uri.EscapeDataString(externalId))).Body, "id");
    }

    private async Task<IEnumerable<string>> ListAsync(string query)
        => [.. (await _host.CallAsync(HttpMethod.Get, "/customers?" + query)).Body.EnumerateArray().Select(customer => Text(customer, "id"))];

    private async Task AssertErrorAsync(HttpMethod method, string address, string? body, int status, string message)
    {
        var (actual, error) = await _host.CallAsync(method, address, body);
        Assert.Equal((status, message), (actual, Text(error.GetProperty("error"), "message")));
    }
}
