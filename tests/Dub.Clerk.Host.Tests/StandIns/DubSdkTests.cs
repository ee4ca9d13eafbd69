using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>Dub's own SDK (npm <c>dub</c>, its validation of replies on) takes the stand-in for Dub.</summary>
public sealed class DubSdkTests : IAsyncLifetime
{
    private DubCaller _caller = null!;
    private NodeProcess _node = null!;

    public async ValueTask InitializeAsync()
    {
        var node = NodeProcess.TryStart("dub.mjs", "dub", out var whyNot);
        Assert.SkipWhen(node is null, whyNot);
        _node = node;
        _caller = await DubCaller.StartAsync();
    }

    public ValueTask DisposeAsync()
    {
        _node?.Dispose();
        return _caller?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    [Fact]
    public async Task DeferredThenRealLeadThenDuplicate_AsTheForwarderSendsThem()
    {
        var deferred = await ReplyAsync("track.lead", Lead("deferred"));
        var real = await ReplyAsync("track.lead", Lead("async", clickId: string.Empty));
        var duplicate = await ReplyAsync("track.lead", Lead("async"));
        await _caller.UntilLeadsAsync(1);

        Assert.Equal("dub.sh", deferred["link"]!["domain"]!.GetValue<string>());
        Assert.Equal(DubCaller.Click, real["click"]!["id"]!.GetValue<string>());
        Assert.Null(duplicate["link"]);
        Assert.Equal(DubCaller.User, duplicate["customer"]!["externalId"]!.GetValue<string>());
    }

    [Fact]
    public async Task Errors_AreTheSdksOwnClasses()
    {
        Assert.Equal(("NotFound", 404), await ErrorAsync("track.lead", Lead("async", clickId: "Unknown000000001")));
        Assert.Equal(("UnprocessableEntity", 422), await ErrorAsync("track.lead", Lead("async", eventName: string.Empty)));
        Assert.Equal(("BadRequest", 400), await ErrorAsync("track.lead", Lead("async", user: " ")));

        _caller.Dub.Faults.Script(
            "/track/lead", FaultKind.TooManyRequests, FaultKind.ServerErrorAfter, FaultKind.Unauthorized, FaultKind.Forbidden, FaultKind.HtmlErrorPage);
        Assert.Equal(("RateLimitExceeded", 429), await ErrorAsync("track.lead", Lead("async")));
        Assert.Equal(("InternalServerError", 500), await ErrorAsync("track.lead", Lead("async")));
        Assert.Equal(("Unauthorized", 401), await ErrorAsync("track.lead", Lead("async")));
        Assert.Equal(("Forbidden", 403), await ErrorAsync("track.lead", Lead("async")));
        Assert.Equal(("SDKError", 502), await ErrorAsync("track.lead", Lead("async")));
    }

    [Fact]
    public async Task SalesCustomersEventsAndLinks_PassItsValidation()
    {
        var link = await ReplyAsync("links.create", new JsonObject { ["url"] = "https://example.com", ["domain"] = "go.example.com", ["key"] = "launch", ["trackConversion"] = true });
        var info = await ReplyAsync("links.get", new JsonObject { ["domain"] = "go.example.com", ["key"] = "LAUNCH" });
        await ReplyAsync("track.lead", Lead("wait"));
        await _caller.UntilLeadsAsync(1);
        var sale = await ReplyAsync("track.sale", new JsonObject { ["customerExternalId"] = DubCaller.User, ["amount"] = 4900, ["invoiceId"] = "in_1" });
        await Poll.UntilAsync(() => _caller.Dub.Sales.Count == 1, "the sale is recorded");

        Assert.Equal(link["id"]!.GetValue<string>(), info["id"]!.GetValue<string>());
        Assert.Equal(4900, sale["sale"]!["amount"]!.GetValue<int>());
        Assert.Equal(4900, (await ReplyAsync("customers.list", []))[0]!["saleAmount"]!.GetValue<int>());
        foreach (var kind in (string[])["clicks", "leads", "sales"])
        {
            var events = (await ReplyAsync("events.list", new JsonObject { ["event"] = kind })).AsArray();
            Assert.Equal(DubCaller.Click, Assert.Single(events)!["click"]!["id"]!.GetValue<string>());
        }
    }

    private static JsonObject Lead(string mode, string clickId = DubCaller.Click, string eventName = "Sign Up", string user = DubCaller.User) => new()
    {
        ["clickId"] = clickId,
        ["eventName"] = eventName,
        ["customerExternalId"] = user,
        ["mode"] = mode,
    };

    private async Task<JsonNode> ReplyAsync(string call, JsonObject request)
    {
        var answer = await AskAsync(call, request);
        return answer["reply"] ?? throw new InvalidOperationException(answer.ToJsonString());
    }

    private async Task<(string? Name, int? Status)> ErrorAsync(string call, JsonObject request)
    {
        var error = (await AskAsync(call, request))["error"];
        return (error?["name"]?.GetValue<string>(), error?["status"]?.GetValue<int>());
    }

    private Task<JsonNode> AskAsync(string call, JsonObject request) => _node.AskAsync(
        new JsonObject { ["server"] = _caller.Dub.Address.ToString(), ["token"] = _caller.Dub.ApiKey, ["call"] = call, ["request"] = request },
        TestContext.Current.CancellationToken);
}
