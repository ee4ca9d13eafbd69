using StackExchange.Redis;

namespace Dub.Clerk.Testing;

/// <summary>The store servers that the same test-suite runs against.</summary>
public enum StoreKind
{
    Garnet,
    Redis,
    Cluster,
}

/// <summary>One of the real store servers, empty: another test may have used it before, see <see cref="StorePool"/> and <see cref="RedisClusterFixture.Shared"/>.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly IAsyncDisposable? _server;
    private readonly Func<ConfigurationOptions> _configuration;

    private TestStore(IAsyncDisposable? server, Func<ConfigurationOptions> configuration, IConnectionMultiplexer connection)
    {
        _server = server;
        _configuration = configuration;
        Connection = connection;
    }

    public IConnectionMultiplexer Connection { get; }

    /// <summary>For an app that is given a connection string.</summary>
    public string ConnectionString => _configuration().ToString(includePassword: true);

    /// <summary>Why this server cannot run here; null when it can.</summary>
    public static string? MissingReason(StoreKind kind) => kind == StoreKind.Garnet ? null : RedisServerFixture.MissingReason;

    public static async Task<TestStore> StartAsync(StoreKind kind)
    {
        switch (kind)
        {
            case StoreKind.Redis:
                var redis = await StorePool.RentRedisAsync();
                return new TestStore(redis, () => redis.Server.ConfigurationOptions, await redis.Server.ConnectAsync());
            case StoreKind.Cluster:
                var shared = RedisClusterFixture.Shared;
                var cluster = shared ?? await RedisClusterFixture.StartAsync(RedisClusterFixture.NoFailover);
                await cluster.ClearAsync();
                return new TestStore(shared is null ? cluster : null, () => cluster.ConfigurationOptions, await cluster.ConnectAsync());
            default:
                var garnet = await StorePool.RentGarnetAsync();
                return new TestStore(garnet, () => garnet.Server.ConfigurationOptions, await garnet.Server.ConnectAsync());
        }
    }

    /// <summary>A connection of its own, as another host would have.</summary>
    public async Task<IConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync(_configuration());

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
