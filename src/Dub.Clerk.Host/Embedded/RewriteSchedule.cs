using System.Diagnostics;
using Dub.Clerk.Host.Diagnostics;

namespace Dub.Clerk.Host.Embedded;

/// <summary>When the files are rewritten because somebody was erased: once for all who were erased in a few minutes. That it is owed survives the process.</summary>
internal sealed partial class RewriteSchedule(string folder, TimeProvider time, ILogger logger)
{
    /// <summary>How long after an erasure the rewrite begins at the latest. A rewrite writes the whole store.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMinutes(5);

    /// <summary>The work that makes an erasure names the person, and is dropped a moment after the erasure was told of.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly string _marker = Path.Combine(folder, "rewrite-owed");
    private readonly Lock _lock = new();
    private DateTimeOffset? _due;
    private DateTimeOffset _lastOwed;

    /// <summary>What an earlier process still owed is due at once.</summary>
    public void Resume()
    {
        if (File.Exists(_marker))
        {
            _due = time.GetUtcNow();
        }
    }

    /// <exception cref="IOException">It could not be noted down.</exception>
    public void Owe()
    {
        lock (_lock)
        {
            if (_due is null)
            {
                using var marker = new FileStream(_marker, FileMode.Create);
                marker.Flush(flushToDisk: true);
            }

            _lastOwed = time.GetUtcNow();
            _due ??= _lastOwed + Delay;
        }
    }

    public Task RunIfDueAsync(Func<Task<bool>> rewrite) => IsDueBy(time.GetUtcNow()) ? RunAsync(rewrite, Settling) : Task.CompletedTask;

    /// <summary>At a stop nothing is under way: work that has not been dropped by now is done again after the next start, and tells of it again.</summary>
    public Task BeforeStopAsync(Func<Task<bool>> rewrite) => IsDueBy(DateTimeOffset.MaxValue) ? RunAsync(rewrite, TimeSpan.Zero) : Task.CompletedTask;

    private bool IsDueBy(DateTimeOffset moment)
    {
        lock (_lock)
        {
            return _due <= moment;
        }
    }

    private async Task RunAsync(Func<Task<bool>> rewrite, TimeSpan settling)
    {
        var began = time.GetUtcNow();
        var started = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            _due = began + RetryAfter;
        }

        try
        {
            if (!await rewrite())
            {
                Log.Failed(logger, null);
                return;
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Log.Failed(logger, error);
            return;
        }

        Settle(began - settling);
        Log.Rewritten(logger, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    private void Settle(DateTimeOffset until)
    {
        lock (_lock)
        {
            if (_lastOwed > until)
            {
                _due = until + Delay;
                return;
            }

            File.Delete(_marker);
            _due = null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.StoreRewritten, LogLevel.Information,
            "The embedded store's files were rewritten in {ElapsedMs:F0} ms: who was erased is in them no longer")]
        public static partial void Rewritten(ILogger logger, double elapsedMs);

        [LoggerMessage(HostEventIds.StoreRewriteFailed, LogLevel.Error,
            "The embedded store's files could not be rewritten and may still hold who was erased; it is tried again. Is the disk full?")]
        public static partial void Failed(ILogger logger, Exception? error);
    }
}
