using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>A connection of ours, made when it is first needed.</summary>
/// <param name="connectionString">Where to.</param>
/// <param name="configure">What else it needs.</param>
internal sealed class LazyConnection(string? connectionString, Action<ConfigurationOptions, string> configure) : IAsyncDisposable
{
    private readonly Lock _connecting = new();
    private Task<ConnectionMultiplexer>? _connection;

    public Task<ConnectionMultiplexer> GetAsync()
    {
        if (_connection is { IsCompletedSuccessfully: true } connected)
        {
            return connected;
        }

        lock (_connecting)
        {
            return _connection = _connection is null or { IsFaulted: true } ? ConnectAsync() : _connection;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { IsCompletedSuccessfully: true } connected)
        {
            await (await connected).DisposeAsync();
        }
    }

    private Task<ConnectionMultiplexer> ConnectAsync()
    {
        var configuration = ConfigurationOptions.Parse(connectionString ?? throw new InvalidOperationException("ConnectionStrings:Redis is not set."));
        configuration.ClientName ??= "Dub.Clerk";
        // The app starts although the store is away; a command then fails at once instead of waiting in a queue that can be lost.
        configuration.AbortOnConnectFail = false;
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        // Keys name customers, and messages end in logs.
        configuration.IncludeDetailInExceptions = false;
        configure(configuration, connectionString);
        return ConnectionMultiplexer.ConnectAsync(configuration);
    }
}
