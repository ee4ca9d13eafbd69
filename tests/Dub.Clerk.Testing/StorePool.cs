using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Dub.Clerk.Testing;

/// <summary>Servers that the tests of a process hand on to one another, each emptied before: to start and stop one takes longer than most tests.</summary>
public sealed class StorePool : IAsyncDisposable
{
    private static StorePool? _current;

    private readonly ConcurrentBag<GarnetFixture> _garnets = [];
    private readonly ConcurrentBag<RedisServerFixture> _redises = [];

    /// <summary>The pool of this process, for as long as its tests run. Where there is none each test has a server of its own.</summary>
    public StorePool() => _current = this;

    public async ValueTask DisposeAsync()
    {
        _current = null;
        foreach (var server in _garnets.Concat<IAsyncDisposable>(_redises))
        {
            await server.DisposeAsync();
        }
    }

    internal static Task<Rented<GarnetFixture>> RentGarnetAsync() => RentAsync(_current?._garnets, () => GarnetFixture.StartAsync(), garnet => garnet.ConfigurationOptions);

    internal static Task<Rented<RedisServerFixture>> RentRedisAsync() => RentAsync(_current?._redises, RedisServerFixture.StartAsync, redis => redis.ConfigurationOptions);

    private static async Task<Rented<T>> RentAsync<T>(ConcurrentBag<T>? idle, Func<Task<T>> start, Func<T, ConfigurationOptions> reach)
        where T : IAsyncDisposable
    {
        if (idle is null || !idle.TryTake(out var server))
        {
            return new Rented<T>(await start(), idle);
        }

        var options = reach(server);
        options.AllowAdmin = true;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        await Task.WhenAll(connection.GetServers().Select(one => one.FlushAllDatabasesAsync()));
        return new Rented<T>(server, idle);
    }

    /// <summary>A server that goes back to the idle ones when its test is over.</summary>
    internal sealed class Rented<T>(T server, ConcurrentBag<T>? idle) : IAsyncDisposable
        where T : IAsyncDisposable
    {
        public T Server => server;

        public ValueTask DisposeAsync()
        {
            if (idle is null)
            {
                return server.DisposeAsync();
            }

            idle.Add(server);
            return ValueTask.CompletedTask;
        }
    }
}
