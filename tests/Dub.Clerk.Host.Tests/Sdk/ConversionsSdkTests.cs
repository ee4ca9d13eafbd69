using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Sdk;

/// <summary>Dub's own SDK (npm <c>dub</c>, its validation of replies on) works against the host: leads, sales and customers.</summary>
public sealed class ConversionsSdkTests : IAsyncLifetime
{
    private HostFixture _host = null!;
    private NodeProcess _node = null!;

    public async ValueTask InitializeAsync()
    {
        var node = NodeProcess.TryStart("dub.mjs", "dub", out var whyNot);
        Assert.SkipWhen(node is null, whyNot);
        _node = node;
        _host = await HostFixture.StartAsync();
    }

    public ValueTask DisposeAsync()
    {
        _node?.Dispose();
        return _host?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("")]
    [InlineData("api")]
    public async Task FromClickToSale(string prefix)
    {
        await ReplyAsync(prefix, "links.create", new JsonObject { ["url"] = "https://example.com", ["domain"] = "go.example.com", ["key"] = "launch", ["trackConversion"] = true });
        using var click = await _host.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/track/click")
            {
                Content = new StringContent("""{"domain":"go.example.com","key":"launch"}""", new MediaTypeHeaderValue("application/json")),
                Headers = { { "User-Agent", "Mozilla/5.0" } },
            },
            TestContext.Current.CancellationToken);
        var clickId = JsonNode.Parse(await click.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["clickId"]!.GetValue<string>();

        JsonObject Lead(string mode, string id) => new()
        {
            ["clickId"] = id,
            ["eventName"] = "Sign Up",
            ["customerExternalId"] = "user_1",
            ["customerEmail"] = "ada@example.org",
            ["mode"] = mode,
            ["metadata"] = new JsonObject { ["plan"] = "pro" },
        };
        Assert.NotNull((await ReplyAsync(prefix, "track.lead", Lead("deferred", clickId)))["link"]);
        Assert.Equal("launch", (await ReplyAsync(prefix, "track.lead", Lead("wait", "")))["link"]!["key"]!.GetValue<string>());
        Assert.Null((await ReplyAsync(prefix, "track.lead", Lead("async", clickId)))["link"]);
        Assert.Equal(("NotFound", 404), await ErrorAsync(prefix, "track.lead", new JsonObject { ["clickId"] = "AAAAAAAAAAAAAAAA", ["eventName"] = "x", ["customerExternalId"] = "y" }));
        Assert.Equal(("BadRequest", 400), await ErrorAsync(prefix, "track.lead", new JsonObject { ["clickId"] = "", ["eventName"] = "x", ["customerExternalId"] = "y" }));

        var sale = new JsonObject { ["customerExternalId"] = "user_1", ["amount"] = 4900, ["invoiceId"] = "in_1", ["metadata"] = new JsonObject { ["seats"] = 2 } };
        Assert.Equal(4900, (await ReplyAsync(prefix, "track.sale", sale.DeepClone()))["sale"]!["amount"]!.GetValue<int>());
        Assert.Equal("user_1", (await ReplyAsync(prefix, "track.sale", sale))["customer"]!["externalId"]!.GetValue<string>());
        Assert.Null((await ReplyAsync(prefix, "track.sale", new JsonObject { ["customerExternalId"] = "nobody", ["amount"] = 1 }))["sale"]);
        Assert.Equal(("UnprocessableEntity", 422), await ErrorAsync(prefix, "track.sale", new JsonObject { ["customerExternalId"] = "user_1", ["amount"] = 1, ["currency"] = "eur" }));

        var customer = Assert.Single((await ReplyAsync(prefix, "customers.list", new JsonObject { ["email"] = "ada@example.org" })).AsArray())!;
        var id = customer["id"]!.GetValue<string>();
        Assert.Equal((1, 4900), (customer["sales"]!.GetValue<int>(), customer["saleAmount"]!.GetValue<int>()));
        Assert.Equal("launch", (await ReplyAsync(prefix, "customers.get", new JsonObject { ["id"] = "ext_user_1", ["includeExpandedFields"] = true }))["link"]!["key"]!.GetValue<string>());
        Assert.Equal("Ada", (await ReplyAsync(prefix, "customers.update", new JsonObject { ["id"] = id, ["requestBody"] = new JsonObject { ["name"] = "Ada" } }))["name"]!.GetValue<string>());
        foreach (var kind in (string[])["clicks", "leads", "sales"])
        {
            Assert.Single((await ReplyAsync(prefix, "events.list", new JsonObject { ["event"] = kind })).AsArray());
        }

        var count = await ReplyAsync(prefix, "analytics.retrieve", new JsonObject { ["event"] = "composite", ["interval"] = "7d" });
        Assert.Equal((1, 1, 1, 4900), (count["clicks"]!.GetValue<int>(), count["leads"]!.GetValue<int>(), count["sales"]!.GetValue<int>(), count["saleAmount"]!.GetValue<int>()));
        foreach (var (group, rows) in ((string, int)[])[("timeseries", 8), ("devices", 1), ("triggers", 1), ("referers", 1), ("referer_urls", 1), ("top_links", 1), ("top_urls", 1), ("countries", 0)])
        {
            var query = new JsonObject { ["event"] = "composite", ["groupBy"] = group, ["interval"] = "7d", ["timezone"] = "Europe/Berlin" };
            Assert.Equal(rows, (await ReplyAsync(prefix, "analytics.retrieve", query)).AsArray().Count);
        }

        Assert.Equal(id, (await ReplyAsync(prefix, "customers.delete", id))["id"]!.GetValue<string>());
        Assert.Equal(("NotFound", 404), await ErrorAsync(prefix, "customers.get", new JsonObject { ["id"] = id }));
    }

    private async Task<JsonNode> ReplyAsync(string prefix, string call, params JsonNode[] arguments)
    {
        var answer = await AskAsync(prefix, call, arguments);
        return answer["reply"] ?? throw new InvalidOperationException(answer.ToJsonString());
    }

    private async Task<(string? Name, int? Status)> ErrorAsync(string prefix, string call, params JsonNode[] arguments)
    {
        var error = (await AskAsync(prefix, call, arguments))["error"];
        return (error?["name"]?.GetValue<string>(), error?["status"]?.GetValue<int>());
    }

    private Task<JsonNode> AskAsync(string prefix, string call, params JsonNode[] arguments) => _node.AskAsync(
        new JsonObject { ["server"] = new Uri(_host.Origin, prefix).ToString(), ["token"] = HostFixture.ApiKey, ["call"] = call, ["arguments"] = new JsonArray(arguments) },
        TestContext.Current.CancellationToken);
}
