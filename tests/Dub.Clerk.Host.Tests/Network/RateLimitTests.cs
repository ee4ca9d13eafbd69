using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.RateLimiting;
using Dub.Clerk.Host.Dashboard.Access;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Host.Tests.Network;

/// <summary>How much one address may ask for, and what it is told after that.</summary>
public sealed class RateLimitTests
{
    [Fact]
    public async Task TooMany_AreRefusedInTheWordsOfWhatWasAsked()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?>
        {
            ["DubClerk:Proxy:Trusted"] = "127.0.0.1",
            ["DubClerk:RateLimits:PagesPerMinute"] = "2",
            ["DubClerk:RateLimits:WebhooksPerMinute"] = "2",
            ["DubClerk:RateLimits:SignInsPerMinute"] = "2",
        });

        using var page = await ThirdAsync(HttpMethod.Post, "/track/click", "203.0.113.1");
        var error = JsonSerializer.Deserialize<JsonElement>(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("error");
        Assert.Equal("rate_limit_exceeded", error.GetProperty("code").GetString());
        Assert.Equal("*", Assert.Single(page.Headers.GetValues("Access-Control-Allow-Origin")));

        using var delivery = await ThirdAsync(HttpMethod.Post, "/webhooks/clerk", "203.0.113.1");
        Assert.Equal("application/problem+json", delivery.Content.Headers.ContentType!.MediaType);

        using var person = await ThirdAsync(HttpMethod.Post, DashboardAccess.SignInPath, "203.0.113.1");
        Assert.Contains("Try again in", await person.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // What is refused to one is not refused to another, nor to the same one on a short link.
        Assert.NotEqual(429, (int)(await SendAsync(HttpMethod.Post, "/track/click", "203.0.113.99")).StatusCode);
        await host.CallAsync(HttpMethod.Post, "/links", new JsonObject { ["url"] = "https://example.com/", ["domain"] = "127.0.0.1", ["key"] = "one" }.ToJsonString());
        Assert.Equal(HttpStatusCode.Redirect, (await SendAsync(HttpMethod.Get, "/one", "203.0.113.1")).StatusCode);

        async Task<HttpResponseMessage> ThirdAsync(HttpMethod method, string path, string visitor)
        {
            Assert.NotEqual(429, (int)(await SendAsync(method, path, visitor)).StatusCode);
            Assert.NotEqual(429, (int)(await SendAsync(method, path, visitor)).StatusCode);
            var third = await SendAsync(method, path, visitor);
            Assert.Equal(429, (int)third.StatusCode);
            Assert.InRange(third.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            return third;
        }

        async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string visitor)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Add("X-Forwarded-For", visitor);
            return await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("203.0.113.1", "::ffff:203.0.113.1", true)]
    public void OneVisitorsAddresses_AreCountedTogether(string one, string other, bool together)
    {
        var limit = new VisitorLimit(1, visitorsOnly: true, static (_, _) => Task.CompletedTask);
        using var limiter = PartitionedRateLimiter.Create<HttpContext, int>(limit.GetPartition);

        Assert.True(limiter.AttemptAcquire(From(one)).IsAcquired);
        Assert.Equal(together, !limiter.AttemptAcquire(From(other)).IsAcquired);
    }

    /// <summary>A proxy that is not named stands for everybody behind it; whoever signs in from there is counted all the same.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.17.0.1")]
    [InlineData("::1")]
    [InlineData("fd00::1")]
    public void AddressThatIsNoVisitorsOwn_IsLimitedOnlyAtSignIn(string address)
    {
        using var pages = PartitionedRateLimiter.Create<HttpContext, int>(new VisitorLimit(1, visitorsOnly: true, static (_, _) => Task.CompletedTask).GetPartition);
        using var signIns = PartitionedRateLimiter.Create<HttpContext, int>(new VisitorLimit(1, visitorsOnly: false, static (_, _) => Task.CompletedTask).GetPartition);

        Assert.All(Enumerable.Range(0, 10), _ => Assert.True(pages.AttemptAcquire(From(address)).IsAcquired));
        Assert.True(signIns.AttemptAcquire(From(address)).IsAcquired);
        Assert.False(signIns.AttemptAcquire(From(address)).IsAcquired);
    }

    [Fact]
    public void ManyAddresses_TakeBoundedMemory()
    {
        var limit = new VisitorLimit(1, visitorsOnly: true, static (_, _) => Task.CompletedTask);
        var addresses = Enumerable.Range(0, 200_000).Select(i => new IPAddress([(byte)(20 + (i >> 16)), (byte)(i >> 8), (byte)i, 7]));

        var buckets = addresses.Select(address => limit.GetPartition(From(address)).PartitionKey).ToHashSet();

        Assert.InRange(buckets.Count, 8_000, 16_384);
    }

    [Fact]
    public async Task LimitThatIsNoNumber_StopsTheStart()
    {
        var fault = await Assert.ThrowsAsync<HostSetupException>(() => HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:RateLimits:PagesPerMinute"] = "many" }));

        Assert.StartsWith("DubClerk:RateLimits:PagesPerMinute is 'many'", Assert.Single(fault.Faults), StringComparison.Ordinal);
    }

    private static DefaultHttpContext From(string address) => From(IPAddress.Parse(address));

    private static DefaultHttpContext From(IPAddress address) => new() { Connection = { RemoteIpAddress = address } };
}
