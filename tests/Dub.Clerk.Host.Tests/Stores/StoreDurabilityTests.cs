using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dub.Clerk.Host.Diagnostics;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Stores;

/// <summary>A host whose store does not keep what it acknowledges does not promise to.</summary>
public sealed class StoreDurabilityTests : IAsyncLifetime
{
    private RedisNode _redis = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        _redis = await RedisNode.StartAsync();
    }

    public ValueTask DisposeAsync() => _redis?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Production_RefusesToStartAndNamesEveryFault()
    {
        await _redis.SayAsync("CONFIG SET appendonly no", "CONFIG SET appendfsync no", "CONFIG SET maxmemory 100mb", "CONFIG SET maxmemory-policy allkeys-lru");

        var refused = await Assert.ThrowsAsync<HostSetupException>(() => StartAsync("Production", replicas: "1"));

        Assert.Equal(
            ["appendonly no", "appendfsync no", "maxmemory-policy allkeys-lru", "0 connected replicas"],
            refused.Faults.Select(fault => new[] { "appendonly no", "appendfsync no", "maxmemory-policy allkeys-lru", "0 connected replicas" }
                .First(what => fault.Contains(what, StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Production_IsReadyOnlyWhileItHolds()
    {
        await using var host = await StartAsync("Production");
        Assert.Equal((200, null), await DurabilityAsync(host));

        await _redis.SayAsync("CONFIG SET appendonly no");

        await Poll.UntilAsync(async () => (await DurabilityAsync(host)).Status == 503, "the host is not ready");
        Assert.StartsWith("The store does not keep all that it acknowledged.", (await DurabilityAsync(host)).Reason, StringComparison.Ordinal);
        await IsLoggedAsync(host, "Set appendonly yes");
    }

    [Theory]
    [InlineData("CONFIG SET appendonly no", "The store does not keep all that it acknowledged.", "Set appendonly yes")]
    [InlineData("CONFIG SET appendfsync everysec", "A power cut takes the last second of what the store acknowledged.", "Set appendfsync always")]
    public async Task WhatIsSaidToAnybody_NamesNoServer(string command, string said, string logged)
    {
        await _redis.SayAsync(command);
        await using var host = await StartAsync("Development");

        var (status, reason) = await DurabilityAsync(host);

        Assert.Equal(200, status);
        Assert.StartsWith(said, reason, StringComparison.Ordinal);
        Assert.DoesNotContain($"{_redis.Port}", reason, StringComparison.Ordinal);
        await IsLoggedAsync(host, logged);
    }

    [Fact]
    public async Task WhoAsksOften_DoesNotWriteAsOften()
    {
        await using var host = await StartAsync("Development");
        var before = await WritesAsync();
        var started = Stopwatch.GetTimestamp();

        for (var i = 0; i < 200; i++)
        {
            await DurabilityAsync(host);
        }

        Assert.InRange(await WritesAsync() - before, 1, Stopwatch.GetElapsedTime(started).TotalSeconds + 5);

        async Task<long> WritesAsync()
        {
            var calls = Regex.Match(await _redis.SayAsync("INFO commandstats"), "cmdstat_set(ex)?:calls=([0-9]+)").Groups[2].Value;
            return calls.Length == 0 ? 0 : long.Parse(calls, CultureInfo.InvariantCulture);
        }
    }

    private static Task IsLoggedAsync(HostFixture host, string text)
        => Poll.UntilAsync(() => host.Log.Entries.Any(entry => entry.EventId == HostEventIds.StoreFound && entry.Message.Contains(text, StringComparison.Ordinal)), "the log says it");

    private Task<HostFixture> StartAsync(string environment, string replicas = "0") => HostFixture.StartAsync(
        new Dictionary<string, string?>
        {
            ["ConnectionStrings:Redis"] = $"127.0.0.1:{_redis.Port}",
            ["DubClerk:ReplicasPerWrite"] = replicas,
            ["DubClerk:ShortDomains:0"] = "go.example.com",
        },
        environment);

    private static async Task<(int Status, string? Reason)> DurabilityAsync(HostFixture host)
    {
        using var response = await host.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        var body = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return ((int)response.StatusCode, body.GetProperty("checks").GetProperty("durability").GetProperty("reason").GetString());
    }
}
