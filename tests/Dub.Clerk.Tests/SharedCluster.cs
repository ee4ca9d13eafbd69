using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests;

/// <summary>One Redis Cluster for the classes that name it, one after the other: each test finds it empty.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    /// <summary>Where there is no redis-server, each test says so.</summary>
    public async ValueTask InitializeAsync()
        => RedisClusterFixture.Shared = TestStore.MissingReason(StoreKind.Cluster) is null ? await RedisClusterFixture.StartAsync(RedisClusterFixture.NoFailover) : null;

    public async ValueTask DisposeAsync()
    {
        if (RedisClusterFixture.Shared is { } cluster)
        {
            RedisClusterFixture.Shared = null;
            await cluster.DisposeAsync();
        }
    }
}

/// <summary>For classes on the shared cluster.</summary>
[CollectionDefinition(Name)]
public sealed class OnSharedCluster : ICollectionFixture<SharedCluster>
{
    public const string Name = "Redis Cluster";
}
