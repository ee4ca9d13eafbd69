using System.Diagnostics;
using System.Globalization;
using Garnet.server;
using StackExchange.Redis;
using Tsavorite.core;

namespace Dub.Clerk.Host.Embedded;

/// <summary>Writes the store to its files anew while clients go on: they then hold nothing that was deleted, replaced or expired before it began.</summary>
/// <remarks>Such data lingers in three places. The store's memory is a log too, and goes into checkpoints as it is: what lives is copied to its end, the
/// rest is dropped, and a checkpoint is taken. The log on disk is dropped in whole files only: it is filled until another file begins. And a checkpoint
/// that did not come about leaves its files. The log on disk knows nothing of all this, so a kill in the middle of it loses nothing.</remarks>
internal sealed class FileRewrite(StoreWrapper store, IDatabase database)
{
    private const int PaddingSize = 2 << 20;

    private static readonly TimeSpan PaddingLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DeletionDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DeletionCheck = TimeSpan.FromMilliseconds(10);

    // Never used before: a record that is new, after all that is to be dropped.
    private readonly string _padding = $"embedded-store:padding:{Guid.NewGuid():N}";

    private string Folder => store.serverOptions.CheckpointDir;

    /// <param name="checkpoint">Takes a checkpoint; false when it did not come about.</param>
    /// <param name="cancellationToken">Gives up, with everything as it was or newer.</param>
    /// <returns>False when it did not come about.</returns>
    public async Task<bool> RunAsync(Func<CancellationToken, Task<bool>> checkpoint, CancellationToken cancellationToken)
    {
        if (!HasRoom())
        {
            return false;
        }

        var firstLogFile = await BeginLogFileAsync(cancellationToken);
        await Task.Factory.StartNew(DropTheDead, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await database.KeyDeleteAsync(_padding);
        var before = CheckpointFolders.In(Folder);
        if (!await checkpoint(cancellationToken))
        {
            return false;
        }

        CheckpointFolders.Delete(before);
        return await AreLogFilesDeletedAsync(firstLogFile, cancellationToken);
    }

    /// <summary>The old files go when the new ones are there. A rewrite that filled the disk would stop the store.</summary>
    private bool HasRoom()
    {
        var size = new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Exists ? file.Length : 0);
        return new DriveInfo(Folder).AvailableFreeSpace > size + (2 * ServerSettings.LogFileSize);
    }

    /// <returns>The number of the file.</returns>
    private async Task<long> BeginLogFileAsync(CancellationToken cancellationToken)
    {
        var log = store.appendOnlyFile.Log.SingleLog;
        var file = (log.TailAddress / ServerSettings.LogFileSize) + 1;
        while (log.TailAddress < file * ServerSettings.LogFileSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await database.StringSetAsync(_padding, new byte[PaddingSize], PaddingLifetime);
        }

        return file;
    }

    private void DropTheDead()
    {
        var log = store.store.Log;
        log.ShiftReadOnlyAddress(log.TailAddress, wait: true);

        // It drops what comes before the last record that lives, which is our padding or something newer.
        log.Compact<PinnedSpanByte, Empty, Empty, LiveOnly>(default, log.SafeReadOnlyAddress, CompactionType.Lookup);
    }

    /// <summary>Garnet deletes in its own time what a checkpoint has replaced.</summary>
    private async Task<bool> AreLogFilesDeletedAsync(long until, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (OldestLogFile() < until)
        {
            if (Stopwatch.GetElapsedTime(started) > DeletionDeadline)
            {
                return false;
            }

            await Task.Delay(DeletionCheck, cancellationToken);
        }

        return true;
    }

    private long OldestLogFile() => Directory.EnumerateFiles(Path.Combine(Folder, "AOF"), "aof.log.*")
        .Min(file => long.Parse(Path.GetExtension(file.AsSpan())[1..], CultureInfo.InvariantCulture));

    /// <summary>What is past its time is as good as deleted.</summary>
    private readonly struct LiveOnly : ICompactionFunctions
    {
        public bool IsDeleted<TSourceLogRecord>(in TSourceLogRecord logRecord)
            where TSourceLogRecord : ISourceLogRecord =>
            logRecord.DataHeader.HasExpiration && logRecord.Expiration < DateTimeOffset.UtcNow.Ticks;
    }
}
