using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>The connection to the store: the app's own <see cref="IConnectionMultiplexer"/> where it registered one, else one of ours.</summary>
internal sealed class StoreConnection : IAsyncDisposable
{
    private readonly IConnectionMultiplexer? _shared;
    private readonly string? _connectionString;
    private readonly Lock _connecting = new();
    private Task<ConnectionMultiplexer>? _owned;
    private StoreLoad? _load;

    public StoreConnection(IServiceProvider services, IOptions<DubClerkOptions> options)
    {
        _shared = services.GetService<IConnectionMultiplexer>();
        _connectionString = options.Value.Redis;
        Keys = new StoreKeys(options.Value.KeyPrefix);
    }

    public StoreKeys Keys { get; }

    /// <summary>Runs commands against the store. Reads demand the master, because a replica may lag: a click that it does not have yet is not unknown.</summary>
    /// <exception cref="StoreException">The store did not answer, or refused.</exception>
    public async Task<T> RunAsync<TState, T>(Func<IDatabase, TState, Task<T>> commands, TState state)
    {
        var (database, load) = await OpenAsync();
        load.Enter();
        var isAnswered = false;
        try
        {
            var result = await commands(database, state);
            isAnswered = true;
            return result;
        }
        catch (Exception e) when (StoreException.IsStoreFault(e))
        {
            isAnswered = e is RedisServerException;
            throw new StoreException("The store did not answer, or refused the command.", e);
        }
        finally
        {
            load.Leave(isAnswered);
        }
    }

    /// <inheritdoc cref="RunAsync{TState, T}"/>
    public Task<T> RunAsync<T>(Func<IDatabase, Task<T>> commands) => RunAsync(static (database, run) => run(database), commands);

    /// <summary>For messages to and from every process on the store.</summary>
    /// <exception cref="StoreException">There is no connection.</exception>
    public async Task<ISubscriber> SubscriberAsync()
    {
        try
        {
            return (await ConnectAsync()).GetSubscriber();
        }
        catch (Exception e) when (StoreException.IsStoreFault(e))
        {
            throw new StoreException("The store did not answer.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_owned is { IsCompletedSuccessfully: true } connected)
        {
            await (await connected).DisposeAsync();
        }
    }

    private async ValueTask<(IDatabase Database, StoreLoad Load)> OpenAsync()
    {
        try
        {
            var connection = await ConnectAsync();
            return (connection.GetDatabase(), _load ?? LoadOf(connection));
        }
        catch (Exception e) when (StoreException.IsStoreFault(e))
        {
            throw new StoreException("There is no connection to the store.", e);
        }
    }

    /// <summary>Its patience is half the time after which the connection gives a call up: 2.5 s, unless the connection string says otherwise.</summary>
    private StoreLoad LoadOf(IConnectionMultiplexer connection)
    {
        var patience = TimeSpan.FromMilliseconds(ConfigurationOptions.Parse(connection.Configuration).AsyncTimeout / 2.0);
        return Interlocked.CompareExchange(ref _load, new StoreLoad(patience), null) ?? _load!;
    }

    private async ValueTask<IConnectionMultiplexer> ConnectAsync() => _shared ?? await OwnAsync();

    private Task<ConnectionMultiplexer> OwnAsync()
    {
        if (_owned is { IsCompletedSuccessfully: true } connected)
        {
            return connected;
        }

        lock (_connecting)
        {
            return _owned = _owned is null or { IsFaulted: true } ? ConnectAsync(_connectionString) : _owned;
        }
    }

    private static Task<ConnectionMultiplexer> ConnectAsync(string? connectionString)
    {
        var configuration = ConfigurationOptions.Parse(connectionString ?? throw new InvalidOperationException("ConnectionStrings:Redis is not set."));
        configuration.ClientName ??= "Dub.Clerk";
        // The app starts although the store is away; a command then fails at once instead of waiting in a queue that can be lost.
        configuration.AbortOnConnectFail = false;
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        return ConnectionMultiplexer.ConnectAsync(configuration);
    }
}
