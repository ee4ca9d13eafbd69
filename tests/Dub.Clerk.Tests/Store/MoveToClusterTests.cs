using Dub.Clerk.Host.Moving;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Tests.Store;

/// <summary>From the embedded store to a Redis Cluster, whose masters each have a part of it.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class MoveToClusterTests
{
    private static readonly StoreKeys Keys = new("dub");

    [Fact]
    public async Task Store_IsSpreadOverTheMastersAndReadBack()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var source = await GarnetFixture.StartAsync();
        await using var host = new TestHost(source.Connection, TimeProvider.System);
        var users = Enumerable.Range(0, 50).Select(i => $"user_{i}").ToList();
        foreach (var user in users)
        {
            await host.UserCreatedAsync(user, DateTimeOffset.UtcNow, (await host.ClickAsync(DateTimeOffset.UtcNow)).Id);
        }

        await using var store = await TestStore.StartAsync(StoreKind.Cluster);
        var options = ConfigurationOptions.Parse(store.ConnectionString);
        options.AllowAdmin = false;
        await using var target = await ConnectionMultiplexer.ConnectAsync(options);
        var result = await new StoreMove(source.Connection, target, Keys, TimeProvider.System).RunAsync(resume: false, TestContext.Current.CancellationToken);

        Assert.True(result.Moved, string.Join(", ", result.Differences));
        await using var moved = new TestHost(target, TimeProvider.System);
        foreach (var user in users)
        {
            Assert.Equal(await host.SignUpAsync(user), await moved.SignUpAsync(user));
        }

        Assert.Contains("already", (await Assert.ThrowsAsync<MoveException>(() =>
            new StoreMove(source.Connection, target, Keys, TimeProvider.System).RunAsync(resume: true, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
    }
}
