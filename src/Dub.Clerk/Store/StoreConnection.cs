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
        try
        {
            return await commands(await DatabaseAsync(), state);
        }
        catch (Exception e) when (StoreException.IsStoreFault(e))
        {
            throw new StoreException("The store did not answer, or refused the command.", e);
        }
    }

    /// <inheritdoc cref="RunAsync{TState, T}"/>
    public Task<T> RunAsync<T>(Func<IDatabase, Task<T>> commands) => RunAsync(static (database, run) => run(database), commands);

    /// <summary>Runs a script that the server most likely has: what it is called by is sent, and not the whole text looked up each time.</summary>
    /// <exception cref="StoreException">The store did not answer, or refused.</exception>
    public async Task<RedisResult> RunAsync(byte[] scriptHash, string script, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            var database = await DatabaseAsync();
            try
            {
                return await database.ScriptEvaluateAsync(scriptHash, keys, arguments, CommandFlags.DemandMaster);
            }
            catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                // New, or emptied, or started again.
                return await database.ScriptEvaluateAsync(script, keys, arguments, CommandFlags.DemandMaster);
            }
        }
        catch (Exception e) when (StoreException.IsStoreFault(e))
        {
            throw new StoreException("The store did not answer, or refused the command.", e);
        }
    }

    /// <summary>For messages to and from every process on the store.</summary>
    /// <exception cref="StoreException">There is no connection.</exception>
    public async Task<ISubscriber> SubscriberAsync()
    {
        try
        {
            return (_shared ?? await OwnAsync()).GetSubscriber();
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

    private async ValueTask<IDatabase> DatabaseAsync() => (_shared ?? await OwnAsync()).GetDatabase();

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
