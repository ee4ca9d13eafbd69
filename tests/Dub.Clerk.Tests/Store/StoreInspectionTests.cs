using Dub.Clerk.Store;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;

namespace Dub.Clerk.Tests.Store;

/// <summary>What a server really does with what it acknowledges is found, and said with its remedy.</summary>
public sealed class StoreInspectionTests
{
    [Fact]
    public async Task ServerThatKeepsEverything_HasNoFault()
    {
        await using var redis = await StartAsync();

        Assert.Empty(await InspectAsync(redis));
    }

    [Theory]
    [InlineData("appendonly no", "Set appendonly yes", true)]
    [InlineData("appendfsync no", "Set appendfsync always", true)]
    [InlineData("appendfsync everysec", "DubClerk:ReplicasPerWrite", false)]
    public async Task ServerThatForgets_IsFound(string setting, string remedy, bool wrong)
    {
        await using var redis = await StartAsync();
        await redis.SayAsync("CONFIG SET " + setting);

        var finding = Assert.Single(await InspectAsync(redis));

        Assert.Equal(wrong ? StoreFindingKind.Wrong : StoreFindingKind.Weak, finding.Kind);
        Assert.Contains(setting, finding.Text, StringComparison.Ordinal);
        Assert.Contains(remedy, finding.Text, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{redis.Port}", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatEvicts_IsFoundWhereItsMemoryIsLimited()
    {
        await using var redis = await StartAsync();
        await redis.SayAsync("CONFIG SET maxmemory-policy allkeys-lru");
        Assert.Empty(await InspectAsync(redis));

        await redis.SayAsync("CONFIG SET maxmemory 100mb");

        Assert.Contains("noeviction", Assert.Single(await InspectAsync(redis)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FewerReplicasThanAskedFor_AreFound()
    {
        await using var redis = await StartAsync();

        var finding = Assert.Single(await InspectAsync(redis, replicas: "1"));

        Assert.Equal(StoreFindingKind.Wrong, finding.Kind);
        Assert.Contains("0 connected replicas", finding.Text, StringComparison.Ordinal);
    }

    private static async Task<RedisNode> StartAsync()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        return await RedisNode.StartAsync();
    }

    private static async Task<IReadOnlyList<StoreFinding>> InspectAsync(RedisNode redis, string replicas = "0")
    {
        await using var app = await TestApp.StartAsync(null, pipeline: web => web.MapClerkWebhooks(), settings: new Dictionary<string, string?>
        {
            ["ConnectionStrings:Redis"] = $"127.0.0.1:{redis.Port}",
            ["DubClerk:ReplicasPerWrite"] = replicas,
        });
        return await app.Get<StoreInspection>().InspectAsync();
    }
}
