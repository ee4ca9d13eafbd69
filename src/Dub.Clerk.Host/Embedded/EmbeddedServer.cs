using Garnet;
using Garnet.networking;
using Garnet.server;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Embedded;

/// <summary>Garnet, with the few inner numbers and the one operation that maintenance needs.</summary>
internal sealed class EmbeddedServer : GarnetServer
{
    private readonly CommitGate _gate;

    // The options constructor: the one that takes strings adds a console listener to the process and can end it.
    private EmbeddedServer(GarnetServerOptions options, ILoggerFactory loggerFactory)
        : base(options, loggerFactory)
    {
        _gate = new CommitGate(storeWrapper.appendOnlyFile.Log.SingleLog);
        foreach (var server in storeWrapper.Servers)
        {
            server.Unregister(WireFormat.ASCII, out var sessions);
            server.Register(WireFormat.ASCII, new CommittingSessions(sessions, _gate));
        }
    }

    /// <summary>Bytes of log that a restart would replay.</summary>
    public long AppendOnlySize => storeWrapper.AofSize();

    /// <summary>Bytes that the records take, objects on the heap not counted.</summary>
    public long StoreSize => storeWrapper.store.Log.TailAddress - storeWrapper.store.Log.BeginAddress;

    /// <exception cref="EmbeddedStoreException">What is in the folder cannot be recovered, or the endpoint cannot be opened.</exception>
    public static Task<EmbeddedServer> LaunchAsync(string folder, StoreEndpoint endpoint, ILoggerFactory loggerFactory) =>
        OnOwnThreadAsync(() =>
        {
            EmbeddedServer? server = null;
            try
            {
                server = new EmbeddedServer(ServerSettings.Create(folder, endpoint), new GarnetLoggerFactory(loggerFactory));
                server.Start();
                return server;
            }
            catch (Exception error)
            {
                server?.Dispose();
                throw new EmbeddedStoreException(
                    $"The store in {folder} did not start: {error.Message} If the disk is full, make room. Otherwise its files may be " +
                    "damaged: restore the folder from a backup, or move it away to start empty.",
                    error);
            }
        });

    /// <summary>Returns when everything written so far is on disk.</summary>
    /// <exception cref="Exception">It cannot be written. Garnet stays in this state until it is started again.</exception>
    public Task CommitAsync() => OnOwnThreadAsync(() =>
    {
        _gate.Commit();
        return true;
    });

    /// <summary>Writes everything to a checkpoint while clients go on; then the log before it is dropped, and so is the checkpoint before.</summary>
    /// <returns>False when it did not come about; the reason is in the log.</returns>
    public async Task<bool> CheckpointAsync(CancellationToken cancellationToken)
    {
        var folder = storeWrapper.serverOptions.CheckpointDir;
        var before = CheckpointFolders.In(folder);
        if (await storeWrapper.TakeCheckpointAsync(background: false, token: cancellationToken) == CheckpointStatus.Success)
        {
            return true;
        }

        // The room that half a checkpoint takes is the log's.
        CheckpointFolders.Delete(CheckpointFolders.In(folder).Except(before));
        return false;
    }

    /// <summary>Has the files forget what the store has forgotten, while clients go on. Not during a checkpoint.</summary>
    /// <param name="client">How to connect to this server.</param>
    /// <param name="cancellationToken">Gives up, with everything as it was or newer.</param>
    /// <returns>False when it did not come about.</returns>
    public async Task<bool> RewriteAsync(ConfigurationOptions client, CancellationToken cancellationToken)
    {
        // A busy machine is no reason to begin again.
        client.AsyncTimeout = (int)TimeSpan.FromMinutes(1).TotalMilliseconds;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(client);
        return await new FileRewrite(storeWrapper, connection.GetDatabase()).RunAsync(CheckpointAsync, cancellationToken);
    }

    public Task StopAsync() => OnOwnThreadAsync(() =>
    {
        Dispose();
        _gate.Dispose();
        return true;
    });

    // Garnet's start and stop block until work on the thread pool is done; on the pool themselves, several at once starve each other.
    private static Task<T> OnOwnThreadAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
