using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Stores;

/// <summary>Hosts on a store of several servers: the same binary, another connection string.</summary>
public sealed class HostOnClusterTests
{
    [Fact]
    public async Task TwoHostsOnACluster_AreOne()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var cluster = await RedisClusterFixture.StartAsync(RedisClusterFixture.NoFailover);
        var settings = Settings(cluster.ConfigurationOptions.ToString());
        await using var one = await HostFixture.StartAsync(settings);
        await using var other = await HostFixture.StartAsync(settings);
        Assert.Equal(200, (await one.CallAsync(HttpMethod.Get, "/health/ready")).Status);

        // Many, so that every server has some of it.
        for (var i = 0; i < 20; i++)
        {
            await PostAsync(one, "/links", new() { ["url"] = "https://example.com/", ["domain"] = "127.0.0.1", ["key"] = $"key{i}", ["trackConversion"] = true });
            using var redirect = await other.Client.GetAsync($"/key{i}", TestContext.Current.CancellationToken);
            var clickId = redirect.Headers.Location!.OriginalString.Split("dub_id=")[1];
            await PostAsync(one, "/track/lead", new() { ["clickId"] = clickId, ["eventName"] = "Sign Up", ["customerExternalId"] = $"customer {i}" });
            await PostAsync(other, "/track/sale", new() { ["customerExternalId"] = $"customer {i}", ["amount"] = 100, ["invoiceId"] = $"invoice {i}" });
            await PostAsync(one, "/track/sale", new() { ["customerExternalId"] = $"customer {i}", ["amount"] = 100, ["invoiceId"] = $"invoice {i}" });
        }

        foreach (var host in new[] { one, other })
        {
            Assert.Equal(20, (await host.CallAsync(HttpMethod.Get, "/links?pageSize=100")).Body.GetArrayLength());
            Assert.Equal(20, (await host.CallAsync(HttpMethod.Get, "/customers?pageSize=100")).Body.GetArrayLength());
            foreach (var kind in new[] { "clicks", "leads", "sales" })
            {
                Assert.Equal(20, (await host.CallAsync(HttpMethod.Get, $"/events?event={kind}&limit=100")).Body.GetArrayLength());
            }

            var totals = (await host.CallAsync(HttpMethod.Get, "/analytics?event=composite&groupBy=count&interval=24h")).Body;
            Assert.Equal((20, 20, 20, 2000), (Number(totals, "clicks"), Number(totals, "leads"), Number(totals, "sales"), Number(totals, "saleAmount")));
        }
    }

    [Theory]
    [InlineData("/track/lead", """{"clickId":"CLICK","eventName":"Sign Up","customerExternalId":"customer"}""")]
    [InlineData("/track/click", """{"domain":"127.0.0.1","key":"launch"}""")]
    [InlineData("/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"other"}""")]
    public async Task WriteThatReplicasDoNotHave_IsAnsweredWithWhenToTryAgain(string path, string body)
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var redis = await ReplicatedRedis.StartAsync();
        var settings = Settings(redis.ConnectionString);
        settings["DubClerk:ReplicasPerWrite"] = "1";
        await using var host = await HostFixture.StartAsync(settings);
        const string link = """{"url":"https://example.com/","domain":"127.0.0.1","key":"launch","trackConversion":true}""";
        await Poll.UntilAsync(async () => (await host.CallAsync(HttpMethod.Post, "/links", link)).Status == 200, "the link is accepted");
        string[] target = [];
        await Poll.UntilAsync(
            async () =>
            {
                using var redirect = await host.Client.GetAsync("/launch", TestContext.Current.CancellationToken);
                target = redirect.Headers.Location!.OriginalString.Split("dub_id=");
                return target.Length == 2;
            },
            "the click is recorded");
        var request = body.Replace("CLICK", target[1], StringComparison.Ordinal);

        // Somebody else's: the click of who has clicked already is none to write.
        host.Api.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36");
        redis.Replica.Pause();
        using var refused = await host.Api.PostAsync(path, new StringContent(request, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")), TestContext.Current.CancellationToken);
        redis.Replica.Resume();

        Assert.Equal(503, (int)refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        await Poll.UntilAsync(async () => (await host.CallAsync(HttpMethod.Post, path, request)).Status == 200, "it is accepted");
    }

    private static Dictionary<string, string?> Settings(string connection) => new() { ["ConnectionStrings:Redis"] = connection };

    private static async Task PostAsync(HostFixture host, string path, JsonObject body)
    {
        var (status, answer) = await host.CallAsync(HttpMethod.Post, path, body.ToJsonString());
        Assert.True(status == 200, $"{path}: {status} {answer}");
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
