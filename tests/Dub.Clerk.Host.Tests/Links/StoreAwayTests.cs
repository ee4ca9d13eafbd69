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
}
