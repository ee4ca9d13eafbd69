using Garnet;
using Garnet.server;

namespace Dub.Clerk.Host.Embedded;

/// <summary>Garnet, with the few inner numbers and the one operation that maintenance needs.</summary>
internal sealed class EmbeddedServer : GarnetServer
{
    // The options constructor: the one that takes strings adds a console listener to the process and can end it.
    public EmbeddedServer(GarnetServerOptions options, ILoggerFactory loggerFactory)
        : base(options, loggerFactory)
    {
    }

    /// <summary>Bytes of log that a restart would replay.</summary>
    public long AppendOnlySize => storeWrapper.AofSize();

    /// <summary>Bytes that the records take, objects on the heap not counted.</summary>
    public long StoreSize => storeWrapper.store.Log.TailAddress - storeWrapper.store.Log.BeginAddress;

    /// <summary>Writes everything to a checkpoint while clients go on; then the log before it is dropped, and so is the checkpoint before.</summary>
    /// <returns>False when it did not come about; the reason is in the log.</returns>
    public async Task<bool> CheckpointAsync(CancellationToken cancellationToken) =>
        await storeWrapper.TakeCheckpointAsync(background: false, token: cancellationToken) == CheckpointStatus.Success;
}
