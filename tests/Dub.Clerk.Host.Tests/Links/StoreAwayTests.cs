using System.Net;
using System.Net.Http.Json;
using Dub.Clerk.Host.Diagnostics;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Links;

/// <summary>Short links while the store is away.</summary>
public sealed class StoreAwayTests
{
    [Fact]
    public async Task LinkFollowedBefore_StillLeadsThereAndTheClickIsCountedAsUnrecorded()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var redis = await RedisServerFixture.StartAsync();
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = redis.ConfigurationOptions.ToString() });
        await host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"launch"}""");
        await host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"other"}""");
        using (await host.Client.GetAsync("/launch", TestContext.Current.CancellationToken))
        {
            redis.Kill();
        }

        using var known = await host.Client.GetAsync("/launch", TestContext.Current.CancellationToken);
        using var unknown = await host.Client.GetAsync("/other", TestContext.Current.CancellationToken);
        using var ready = await host.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);

        Assert.Equal((302, "https://example.com/"), ((int)known.StatusCode, known.Headers.Location!.OriginalString));
        Assert.Contains(host.Log.Entries, entry => entry.EventId == HostEventIds.ClickUnrecorded);
        Assert.Equal((503, 503), ((int)unknown.StatusCode, (int)ready.StatusCode));
        Assert.True(unknown.Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task StoreThatHangs_TurnsAwayWhatMustBeDurableAndRedirectsAllTheSame()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var redis = await RedisNode.StartAsync();
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = redis.ImpatientConnection });
        await host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"launch"}""");
        using (await host.Client.GetAsync("/launch", TestContext.Current.CancellationToken))
        {
            redis.Pause();
        }

        Task<HttpResponseMessage>[] calls =
        [
            DeliverAsync(),
            host.Api.PostAsJsonAsync("/track/lead", new { clickId = "0123456789abcdef", eventName = "Sign up", customerExternalId = "c" }, TestContext.Current.CancellationToken),
            host.Api.PostAsJsonAsync("/track/sale", new { customerExternalId = "c", amount = 100 }, TestContext.Current.CancellationToken),
            host.Client.PostAsJsonAsync("/track/click", new { domain = "127.0.0.1", key = "launch" }, TestContext.Current.CancellationToken),
        ];
        using var redirect = await host.Client.GetAsync("/launch", TestContext.Current.CancellationToken);
        foreach (var call in calls)
        {
            using var response = await call;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }

        Assert.Equal((302, "https://example.com/"), ((int)redirect.StatusCode, redirect.Headers.Location!.OriginalString));
        redis.Resume();
        await Poll.UntilAsync(async () => (await DeliverAsync()).IsSuccessStatusCode, "the delivery is taken when the store answers again");

        Task<HttpResponseMessage> DeliverAsync()
        {
            var (_, request) = host.Clerk.SignDelivery(host.Clerk.UserCreated("user_1", DateTimeOffset.UtcNow), null, DateTimeOffset.UtcNow);
            request.RequestUri = new Uri(host.Origin, "/webhooks/clerk");
            return host.Client.SendAsync(request);
        }
    }
}
