using Dub.Clerk.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>The connection to the store: the app's own <see cref="IConnectionMultiplexer"/> where it registered one, else one of ours.</summary>
internal sealed class StoreConnection : IAsyncDisposable
{
    private readonly IConnectionMultiplexer? _shared;
    private readonly LazyConnection? _owned;
    private readonly LazyConnection? _writing;
    private readonly int _replicas;
    private readonly DubClerkMetrics _metrics;
    private ReplicatedWrites? _writes;
    private StoreLoad? _load;

    public StoreConnection(IServiceProvider services, IOptions<DubClerkOptions> options, DubClerkMetrics metrics)
    {
        _metrics = metrics;
        _shared = services.GetService<IConnectionMultiplexer>();
        _owned = _shared is null ? new LazyConnection(options.Value.Redis, AllowAsking) : null;
        _replicas = options.Value.ReplicasPerWrite;
        _writing = _replicas > 0 ? new LazyConnection(options.Value.Redis, ReplicatedWrites.Configure) : null;
        Keys = new StoreKeys(options.Value.KeyPrefix);
    }

    public StoreKeys Keys { get; }

    /// <summary>Runs commands against the store. Reads demand the master, because a replica may lag: a click that it does not have yet is not unknown.</summary>
    /// <exception cref="StoreException">The store did not answer, or refused.</exception>
    public Task<T> RunAsync<TState, T>(Func<IDatabase, TState, Task<T>> commands, TState state)
        => AskAsync(static async (store, call) => await call.commands(await store.DatabaseAsync(), call.state), (commands, state));

    /// <inheritdoc cref="RunAsync{TState, T}"/>
    public Task<T> RunAsync<T>(Func<IDatabase, Task<T>> commands)
        => AskAsync(static async (store, commands) => await commands(await store.DatabaseAsync()), commands);

    /// <summary>Runs a script that the server most likely has: what it is called by is sent, and not the whole text looked up each time.</summary>
    /// <param name="scriptHash">What it is called by.</param>
    /// <param name="script">Its text.</param>
    /// <param name="keys">At least one.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="fleeting">Whether what it writes may be lost, so that no replica is waited for.</param>
    /// <exception cref="StoreException">The store did not answer, or refused, or too few replicas have what was written.</exception>
    public Task<RedisResult> RunAsync(byte[] scriptHash, string script, RedisKey[] keys, RedisValue[] arguments, bool fleeting)
        => AskAsync(
            static (store, call) => store._writing is null || call.fleeting
                ? store.EvaluateAsync(call.scriptHash, call.script, call.keys, call.arguments)
                : store.EvaluateReplicatedAsync(call.scriptHash, call.script, call.keys, call.arguments),
            (scriptHash, script, keys, arguments, fleeting));

    /// <summary>Runs one command that writes to one key, and whose effect is relied on.</summary>
    /// <exception cref="StoreException">The store did not answer, or refused, or too few replicas have what was written.</exception>
    public Task<RedisResult> WriteAsync(string command, RedisKey key, params RedisValue[] arguments)
        => AskAsync(
            static async (store, call) => store._writing is null
                ? await (await store.DatabaseAsync()).ExecuteAsync(call.command, call.all, CommandFlags.DemandMaster)
                : await (await store.WritesAsync()).RunAsync(call.key, call.command, call.all),
            (command, key, all: (object[])[key, .. arguments]));

    /// <summary>For messages to and from every process on the store.</summary>
    /// <exception cref="StoreException">There is no connection.</exception>
    public async Task<ISubscriber> SubscriberAsync() => (await ConnectionAsync()).GetSubscriber();

    /// <summary>For what is asked of each server.</summary>
    /// <exception cref="StoreException">There is no connection.</exception>
    public async Task<IConnectionMultiplexer> ConnectionAsync()
    {
        try
        {
            return _shared ?? await _owned!.GetAsync();
        }
        catch (Exception e) when (StoreException.IsStoreFault(e))
        {
            throw new StoreException("The store did not answer.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in new[] { _owned, _writing })
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
    }

    /// <summary>Every call goes through here: not made where it would wait in vain, and its faults are the store's.</summary>
    private async Task<T> AskAsync<TState, T>(Func<StoreConnection, TState, Task<T>> call, TState state)
    {
        try
        {
            var load = _load ?? LoadOf(await ConnectionAsync());
            load.Enter();
            var isAnswered = false;
            try
            {
                var result = await call(this, state);
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
        catch (StoreException e)
        {
            _metrics.StoreFailed(KindOf(e));
            throw;
        }
    }

    private static string KindOf(StoreException exception) => exception switch
    {
        StoreOverloadedException => "turned_away",
        { InnerException: TimeoutException } => "timeout",
        { InnerException: RedisServerException } => "refused",
        _ => "unavailable",
    };

    /// <summary>Its patience is half the time after which the connection gives a call up: 2.5 s, unless the connection string says otherwise.</summary>
    private StoreLoad LoadOf(IConnectionMultiplexer connection)
    {
        var patience = TimeSpan.FromMilliseconds(ConfigurationOptions.Parse(connection.Configuration).AsyncTimeout / 2.0);
        return Interlocked.CompareExchange(ref _load, new StoreLoad(patience, TimeProvider.System), null) ?? _load!;
    }

    private async Task<RedisResult> EvaluateAsync(byte[] scriptHash, string script, RedisKey[] keys, RedisValue[] arguments)
    {
        var database = await DatabaseAsync();
        try
        {
            return await database.ScriptEvaluateAsync(scriptHash, keys, arguments, CommandFlags.DemandMaster);
        }
        catch (RedisServerException e) when (IsUnknownScript(e))
        {
            // New, or emptied, or started again.
            return await database.ScriptEvaluateAsync(script, keys, arguments, CommandFlags.DemandMaster);
        }
    }

    private async Task<RedisResult> EvaluateReplicatedAsync(byte[] scriptHash, string script, RedisKey[] keys, RedisValue[] arguments)
    {
        var writes = await WritesAsync();
        object[] rest = [keys.Length, .. keys, .. arguments];
        try
        {
            return await writes.RunAsync(keys[0], "EVALSHA", [Convert.ToHexStringLower(scriptHash), .. rest]);
        }
        catch (RedisServerException e) when (IsUnknownScript(e))
        {
            return await writes.RunAsync(keys[0], "EVAL", [script, .. rest]);
        }
    }

    /// <summary>The client takes asking for a server's settings for administration, and then leaves it to the server to allow it. What the connection string
    /// says of that stays.</summary>
    private static void AllowAsking(ConfigurationOptions configuration, string connectionString)
        => configuration.AllowAdmin |= !connectionString.Contains("allowAdmin", StringComparison.OrdinalIgnoreCase);

    private static bool IsUnknownScript(RedisServerException e) => e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);

    private async ValueTask<IDatabase> DatabaseAsync() => (_shared ?? await _owned!.GetAsync()).GetDatabase();

    private async ValueTask<ReplicatedWrites> WritesAsync()
    {
        if (_writes is { } writes)
        {
            return writes;
        }

        var connection = await _writing!.GetAsync();
        Interlocked.CompareExchange(ref _writes, new ReplicatedWrites(connection, _replicas), null);
        return _writes!;
    }
}
