using System.Text.Json.Nodes;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Sdk;

/// <summary>Dub's own SDK (npm <c>dub</c>, its validation of replies on) works against the host: links and what goes wrong with them.</summary>
public sealed class LinksSdkTests : IAsyncLifetime
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
    public async Task ALinksWholeLife(string prefix)
    {
        var link = await ReplyAsync(prefix, "links.create", new JsonObject
        {
            ["url"] = "https://example.com/pricing",
            ["domain"] = "go.example.com",
            ["key"] = "launch",
            ["externalId"] = "42",
            ["tenantId"] = "acme",
            ["trackConversion"] = true,
            ["utmSource"] = "sdk",
            ["geo"] = new JsonObject { ["DE"] = "https://example.de" },
            ["comments"] = "hello",
        });
        var id = link["id"]!.GetValue<string>();
        Assert.Equal("https://example.com/pricing?utm_source=sdk", link["url"]!.GetValue<string>());
        Assert.Equal("https://go.example.com/launch", link["shortLink"]!.GetValue<string>());
        Assert.Equal("sdk", link["utmSource"]!.GetValue<string>());

        Assert.Equal(id, (await ReplyAsync(prefix, "links.get", new JsonObject { ["externalId"] = "ext_42" }))["id"]!.GetValue<string>());
        Assert.Equal(id, (await ReplyAsync(prefix, "links.get", new JsonObject { ["domain"] = "go.example.com", ["key"] = "LAUNCH" }))["id"]!.GetValue<string>());

        var updated = await ReplyAsync(prefix, "links.update", id, new JsonObject { ["comments"] = null, ["archived"] = true, ["expiresAt"] = "2999-01-01T00:00:00Z" });
        Assert.Equal((null, true), (updated["comments"], updated["archived"]!.GetValue<bool>()));

        var upserted = await ReplyAsync(prefix, "links.upsert", new JsonObject { ["url"] = "https://example.com/pricing", ["utmSource"] = "sdk", ["archived"] = false });
        Assert.Equal((id, false), (upserted["id"]!.GetValue<string>(), upserted["archived"]!.GetValue<bool>()));
        Assert.NotEqual(id, (await ReplyAsync(prefix, "links.upsert", new JsonObject { ["url"] = "https://example.com/new", ["domain"] = "go.example.com" }))["id"]!.GetValue<string>());

        Assert.Equal(2, (await ReplyAsync(prefix, "links.list", [])).AsArray().Count);
        Assert.Equal(id, Assert.Single((await ReplyAsync(prefix, "links.list", new JsonObject { ["tenantId"] = "acme", ["pageSize"] = 1 })).AsArray())!["id"]!.GetValue<string>());
        Assert.Equal(2, (await ReplyAsync(prefix, "links.count", new JsonObject { ["domain"] = "go.example.com" })).GetValue<int>());
        Assert.Equal(0, (await ReplyAsync(prefix, "links.count", new JsonObject { ["search"] = "nothing like that" })).GetValue<int>());

        Assert.Equal(id, (await ReplyAsync(prefix, "links.delete", id))["id"]!.GetValue<string>());
        Assert.Equal(("NotFound", 404), await ErrorAsync(prefix, "links.get", new JsonObject { ["linkId"] = id }));
    }

    [Fact]
    public async Task ManyAtOnce_PassItsValidation()
    {
        var made = (await ReplyAsync(
            "", "links.createMany",
            new JsonArray(Link("a"), Link("b"), Link("A")))).AsArray();
        Assert.Equal("conflict", made[2]!["code"]!.GetValue<string>());
        string[] ids = [made[0]!["id"]!.GetValue<string>(), made[1]!["id"]!.GetValue<string>()];

        var changed = (await ReplyAsync(
            "", "links.updateMany",
            new JsonObject { ["linkIds"] = new JsonArray(ids[0], ids[1]), ["data"] = new JsonObject { ["comments"] = "both" } })).AsArray();
        var deleted = await ReplyAsync("", "links.deleteMany", new JsonObject { ["linkIds"] = new JsonArray(ids[0], ids[1]) });

        Assert.All(changed, link => Assert.Equal("both", link!["comments"]!.GetValue<string>()));
        Assert.Equal(2, deleted["deletedCount"]!.GetValue<int>());

        static JsonObject Link(string key) => new() { ["url"] = "https://example.com", ["domain"] = "go.example.com", ["key"] = key };
    }

    [Fact]
    public async Task Errors_AreTheSdksOwnClasses()
    {
        var link = new JsonObject { ["url"] = "https://example.com", ["domain"] = "go.example.com", ["key"] = "launch" };
        await ReplyAsync("", "links.create", link.DeepClone());

        Assert.Equal(("Conflict", 409), await ErrorAsync("", "links.create", link.DeepClone()));
        Assert.Equal(("UnprocessableEntity", 422), await ErrorAsync("", "links.create", new JsonObject { ["url"] = "javascript:alert(1)" }));
        Assert.Equal(("BadRequest", 400), await ErrorAsync("", "links.create", new JsonObject { ["url"] = "" }));
        Assert.Equal(("Forbidden", 403), await ErrorAsync("", "links.create", new JsonObject { ["url"] = "https://example.com", ["key"] = "api" }));
        Assert.Equal(("NotFound", 404), await ErrorAsync("", "links.update", "link_none", new JsonObject()));
        Assert.Equal(("UnprocessableEntity", 422), await ErrorAsync("", "links.list", new JsonObject { ["pageSize"] = 1000 }));
        var error = (await AskAsync("", "links.list", "dub_wrong", new JsonObject()))["error"]!;
        Assert.Equal(("Unauthorized", 401), (error["name"]!.GetValue<string>(), error["status"]!.GetValue<int>()));
    }

    private async Task<JsonNode> ReplyAsync(string prefix, string call, params JsonNode[] arguments)
    {
        var answer = await AskAsync(prefix, call, HostFixture.ApiKey, arguments);
        return answer["reply"] ?? throw new InvalidOperationException(answer.ToJsonString());
    }

    private async Task<(string? Name, int? Status)> ErrorAsync(string prefix, string call, params JsonNode[] arguments)
    {
        var error = (await AskAsync(prefix, call, HostFixture.ApiKey, arguments))["error"];
        return (error?["name"]?.GetValue<string>(), error?["status"]?.GetValue<int>());
    }

    private Task<JsonNode> AskAsync(string prefix, string call, string token, params JsonNode[] arguments) => _node.AskAsync(
        new JsonObject { ["server"] = new Uri(_host.Origin, prefix).ToString(), ["token"] = token, ["call"] = call, ["arguments"] = new JsonArray(arguments) },
        TestContext.Current.CancellationToken);
}
