using System.Diagnostics;
using Dub.Clerk.Host.Diagnostics;

namespace Dub.Clerk.Host.Embedded;

/// <summary>Keeps restarts quick: the append-only file grows for ever unless a checkpoint takes its place.</summary>
internal sealed partial class AofMaintenance(long threshold, TimeProvider time, ILogger logger)
{
    /// <summary>A checkpoint writes the whole store, so a large store waits until the log is a quarter of it.</summary>
    private const int LargestStoreToLog = 4;

    /// <summary>A disk that has no room now has none in a moment.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    /// <summary>At a stop, what replays in a blink is left to the next start.</summary>
    private const int StopFraction = 8;

    private DateTimeOffset _notBefore;

    public Task RunIfDueAsync(EmbeddedServer server, CancellationToken cancellationToken) =>
        time.GetUtcNow() >= _notBefore && server.AppendOnlySize > Math.Max(threshold, server.StoreSize / LargestStoreToLog)
            ? CheckpointAsync(server, cancellationToken)
            : Task.CompletedTask;

    public Task BeforeStopAsync(EmbeddedServer server) =>
        server.AppendOnlySize > threshold / StopFraction ? CheckpointAsync(server, CancellationToken.None) : Task.CompletedTask;

    private async Task CheckpointAsync(EmbeddedServer server, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var before = server.AppendOnlySize;
        if (await server.CheckpointAsync(cancellationToken))
        {
            Log.CheckpointTaken(logger, before, server.AppendOnlySize, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        else
        {
            // Nothing is lost: the log still has everything.
            _notBefore = time.GetUtcNow() + RetryAfter;
            Log.CheckpointFailed(logger, before);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.CheckpointTaken, LogLevel.Information,
            "Checkpoint taken in {ElapsedMs:F0} ms: the log went from {BytesBefore} to {BytesAfter} bytes")]
        public static partial void CheckpointTaken(ILogger logger, long bytesBefore, long bytesAfter, double elapsedMs);

        [LoggerMessage(HostEventIds.CheckpointFailed, LogLevel.Error,
            "Checkpoint failed with the log at {BytesBefore} bytes; it is tried again, and restarts take longer until it succeeds. Is the disk full?")]
        public static partial void CheckpointFailed(ILogger logger, long bytesBefore);
    }
}
