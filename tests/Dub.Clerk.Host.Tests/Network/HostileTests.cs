using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.Tests.Network;

/// <summary>What strangers put into addresses, links and bodies so that the host does something else with it.</summary>
public sealed class HostileTests(SharedHost shared) : IClassFixture<SharedHost>
{
    [Theory]
    [InlineData("?x=%0d%0aSet-Cookie:%20evil=1")]
    [InlineData("?x=%0aLocation:%20https://evil.example/")]
    [InlineData("?%E5%98%8A%E5%98%8DSet-Cookie:evil=1")]
    [InlineData("?redir_url=https://example.com/%250d%250aSet-Cookie:evil=1")]
    [InlineData("?redir_url=https://example.com@evil.example/")]
    [InlineData("?redir_url=//evil.example/")]
    [InlineData("?dub_id=AAAAAAAAAAAAAAAA;evil=1")]
    [InlineData("?x=\u202e&y=\0")]
    public async Task HostileQuery_ChangesNoHeader(string query)
    {
        var key = SharedHost.NewKey();
        await shared.CreateAsync(new JsonObject { ["key"] = key, ["trackConversion"] = true });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/{key}{query}");
        request.Headers.UserAgent.ParseAdd("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0");

        using var response = await shared.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("example.com", response.Headers.Location!.Host);
        Assert.StartsWith("dub_id_", Assert.Single(response.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.Single(System.Web.HttpUtility.ParseQueryString(response.Headers.Location.Query).GetValues("dub_id")!);
    }

    [Fact]
    public async Task LinkTargets_AreNeverFetched()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var target = $"http://{listener.LocalEndpoint}/";
        var key = SharedHost.NewKey();
        await shared.CreateAsync(new JsonObject { ["key"] = key, ["url"] = target, ["image"] = target, ["video"] = target, ["ios"] = target, ["expiredUrl"] = target });

        using var followed = await shared.Host.Client.GetAsync("/" + key, TestContext.Current.CancellationToken);
        await shared.Host.CallAsync(HttpMethod.Post, "/track/visit", new JsonObject { ["domain"] = "127.0.0.1", ["url"] = target, ["referrer"] = target }.ToJsonString());
        await shared.Host.CallAsync(HttpMethod.Put, "/links/upsert", new JsonObject { ["url"] = target, ["domain"] = "127.0.0.1" }.ToJsonString());

        Assert.Equal(HttpStatusCode.Redirect, followed.StatusCode);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task HostileMetadata_IsKeptAsItIs()
    {
        var user = $"user_{SharedHost.NewKey()}";
        var link = await shared.CreateAsync(new JsonObject { ["key"] = SharedHost.NewKey() });
        var (_, click) = await shared.Host.CallAsync(HttpMethod.Post, "/track/click", new JsonObject { ["domain"] = "127.0.0.1", ["key"] = link.GetProperty("key").GetString() }.ToJsonString());
        var metadata = """{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"toString":null}},"{p1}":"'); redis.call('FLUSHALL') --","$where":"1==1"}""";
        var lead = new JsonObject
        {
            ["clickId"] = click.GetProperty("clickId").GetString(),
            ["eventName"] = "{p1}:*\u0000",
            ["customerExternalId"] = user,
            ["customerName"] = "<script>alert(1)</script>",
            ["metadata"] = JsonNode.Parse(metadata),
        };

        var (status, answered) = await shared.Host.CallAsync(HttpMethod.Post, "/track/lead", lead.ToJsonString());

        Assert.True(status == 200, answered.GetRawText());
        var (_, events) = await shared.Host.CallAsync(HttpMethod.Get, "/events?event=leads&limit=1000");
        var kept = Assert.Single(events.EnumerateArray(), one => one.GetProperty("customer").GetProperty("externalId").GetString() == user);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(metadata), JsonNode.Parse(kept.GetProperty("metadata").GetRawText())), kept.GetRawText());
        Assert.Equal("{p1}:*\u0000", kept.GetProperty("eventName").GetString());
    }
}
