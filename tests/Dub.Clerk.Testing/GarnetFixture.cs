using Dub.Clerk.Host.Embedded;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Dub.Clerk.Testing;

/// <summary>An embedded store in a folder of its own, and a connection to it. Any number may run at once in a process.</summary>
internal sealed class GarnetFixture : IAsyncDisposable
{
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly long _checkpointThreshold;

    private GarnetFixture(string folder, ILoggerFactory loggers, TimeProvider time, long checkpointThreshold)
    {
        Folder = folder;
        _loggers = loggers;
        _time = time;
        _checkpointThreshold = checkpointThreshold;
    }

    public string Folder { get; }

    public EmbeddedStore Store { get; private set; } = null!;

    public IConnectionMultiplexer Connection { get; private set; } = null!;

    /// <summary>For a connection that is patient.</summary>
    public ConfigurationOptions ConfigurationOptions
    {
        get
        {
            var options = Store.ConfigurationOptions;
            options.AsyncTimeout = RedisServerFixture.PatientMilliseconds;
            return options;
        }
    }

    public IDatabase Database => Connection.GetDatabase();

    public static async Task<GarnetFixture> StartAsync(
        ILoggerFactory? loggers = null, TimeProvider? time = null, long checkpointThreshold = EmbeddedStore.DefaultCheckpointThreshold)
    {
        var folder = Directory.CreateTempSubdirectory("dub-test-").FullName;
        var fixture = new GarnetFixture(folder, loggers ?? NullLoggerFactory.Instance, time ?? TimeProvider.System, checkpointThreshold);
        try
        {
            await fixture.StartStoreAsync();
        }
        catch
        {
            await fixture.DisposeAsync();
            throw;
        }

        return fixture;
    }

    /// <summary>A clean stop, then a start on the same folder with a new connection.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartStoreAsync();
    }

    /// <summary>Another connection, for tests in which several hosts share the store.</summary>
    public async Task<IConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync(ConfigurationOptions);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task StartStoreAsync()
    {
        var store = new EmbeddedStore(Folder, _loggers, _time, _checkpointThreshold);
        await store.StartAsync();
        Store = store;
        Connection = await ConnectAsync();
    }

    private async Task StopAsync()
    {
        if (Connection is not null)
        {
            await Connection.DisposeAsync();
        }

        if (Store is not null)
        {
            await Store.DisposeAsync();
        }
    }
}
