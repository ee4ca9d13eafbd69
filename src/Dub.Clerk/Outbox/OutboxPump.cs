using System.Threading.Channels;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Store;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Outbox;

/// <summary>Works on one destination's outbox. Workers take partitions that have something due, one item at a time, so that an item that is slow or
/// always fails holds up nothing but its own lane. As long as this process has no key for the destination it only looks whether one has come.</summary>
internal sealed partial class OutboxPump(
    OutboxDestination destination, Func<bool> isServed, int workers, OutboxStore outbox, StoreSchema schema, IReadOnlyDictionary<string, IOutboxHandler> handlers,
    DestinationGate gate, DubClerkMetrics metrics, TimeProvider time, ILogger logger)
{
    /// <summary>How often it looks for work that another process has left.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(15);

    /// <summary>Shorter than the lease, so that nobody else has the item yet.</summary>
    private static readonly TimeSpan ItemTimeout = TimeSpan.FromSeconds(45);

    private readonly Channel<int> _ready = Channel.CreateUnbounded<int>();
    private readonly int[] _queued = new int[StoreKeys.Partitions];
    private DateTimeOffset _measureAt;
    private int _failing;

    /// <summary>There may be something due in this partition.</summary>
    public void Signal(int partition)
    {
        if (isServed() && Interlocked.Exchange(ref _queued[partition], 1) == 0)
        {
            _ready.Writer.TryWrite(partition);
        }
    }

    /// <param name="stopping">No more is claimed.</param>
    /// <param name="stopped">What is under way is given back.</param>
    public Task RunAsync(CancellationToken stopping, CancellationToken stopped)
        => Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(stopping, stopped)).Append(ScanAsync(stopping)));

    /// <summary>Does everything that is due now, and returns.</summary>
    /// <exception cref="StoreException">The store did not answer for some partition.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (!isServed())
        {
            return;
        }

        var (now, due) = (time.GetUtcNow(), await outbox.NextDueAsync(destination));
        await Task.WhenAll(Enumerable.Range(0, due.Length).Where(partition => due[partition] <= now).Select(async partition =>
        {
            while (gate.TryEnter(out var isProbe))
            {
                try
                {
                    if (!await WorkOnceAsync(partition, cancellationToken))
                    {
                        return;
                    }
                }
                finally
                {
                    gate.Leave(isProbe);
                }
            }
        }));
    }

    private async Task ScanAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var wait = Interval;
            try
            {
                if (isServed())
                {
                    wait = await ScanOnceAsync();
                }

                Interlocked.Exchange(ref _failing, 0);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                // Whatever it is, it must not stop the app that this runs in.
                ReportFailure(e);
            }

            await Task.Delay(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>When to look again.</returns>
    private async Task<TimeSpan> ScanOnceAsync()
    {
        var wait = Interval;
        await schema.CheckAsync();
        var now = time.GetUtcNow();
        var due = await outbox.NextDueAsync(destination);
        for (var partition = 0; partition < due.Length; partition++)
        {
            if (due[partition] <= now)
            {
                Signal(partition);
            }
            else if (due[partition] - now < wait)
            {
                wait = due[partition]!.Value - now;
            }
        }

        if (now >= _measureAt)
        {
            metrics.OutboxMeasured(destination, await outbox.MeasureAsync(destination));
            _measureAt = now + MeasureInterval;
        }

        return wait;
    }

    private async Task WorkAsync(CancellationToken stopping, CancellationToken stopped)
    {
        try
        {
            while (true)
            {
                var partition = await _ready.Reader.ReadAsync(stopping);
                Volatile.Write(ref _queued[partition], 0);
                var isProbe = await gate.EnterAsync(stopping);
                try
                {
                    if (await WorkOnceAsync(partition, stopped))
                    {
                        Signal(partition);
                    }
                }
                catch (Exception e) when (!stopping.IsCancellationRequested)
                {
                    // The store: whoever looks next finds the item again.
                    ReportFailure(e);
                }
                finally
                {
                    gate.Leave(isProbe);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping is how this ends.
        }
    }

    /// <returns>Whether there was something due.</returns>
    private async Task<bool> WorkOnceAsync(int partition, CancellationToken cancellationToken)
    {
        if (!isServed() || await outbox.ClaimAsync(destination, partition) is not { } claim)
        {
            return false;
        }

        var started = time.GetTimestamp();
        using var span = Traces.StartAttempt(claim.Item.Kind, SnakeCase<OutboxDestination>.Of(destination), claim.Attempt, claim.Cause);
        var verdict = await AttemptAsync(claim, cancellationToken);
        if (verdict.Outcome == OutboxOutcome.Retry)
        {
            var failures = verdict.FailuresAfter(claim.Attempt);
            verdict = failures >= RetryPolicy.MaxAttempts
                ? OutboxVerdict.Dead(verdict.Error!, verdict.State)
                : verdict with { Due = time.GetUtcNow() + RetryPolicy.DelayAfter(failures, Random.Shared.NextDouble()) };
        }

        metrics.OutboxAttempted(destination, claim.Item.Kind, verdict.Outcome, time.GetElapsedTime(started));
        span.End(SnakeCase<OutboxOutcome>.Of(verdict.Outcome), isFault: verdict.Outcome is OutboxOutcome.Retry or OutboxOutcome.Dead);
        Report(claim, verdict);
        if (!await outbox.SettleAsync(claim, verdict))
        {
            Log.ClaimLost(logger, claim.Item.ForLog);
        }

        return true;
    }

    private async Task<OutboxVerdict> AttemptAsync(OutboxClaim claim, CancellationToken cancellationToken)
    {
        if (!handlers.TryGetValue(claim.Item.Kind, out var handler))
        {
            // Written by a newer version: it stays for a host that knows it.
            Log.UnknownKind(logger, claim.Item.Kind);
            return OutboxVerdict.Wait(time.GetUtcNow() + TimeSpan.FromMinutes(1), "This version does not know this kind of work.");
        }

        using var timeout = new CancellationTokenSource(ItemTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // A handler that does not listen is left behind; its claim ends before it could do harm.
            return await handler.HandleAsync(claim, either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return OutboxVerdict.Wait(time.GetUtcNow(), "The host was stopped.");
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return OutboxVerdict.Retry($"It took longer than {ItemTimeout.TotalSeconds:F0} s.");
        }
        catch (Exception e)
        {
            Log.ItemFailed(logger, e, claim.Item.ForLog);
            return OutboxVerdict.Retry(e.GetType().Name);
        }
    }

    private void Report(OutboxClaim claim, OutboxVerdict verdict)
    {
        var reason = ForLog(verdict.Error);
        switch (verdict.Outcome)
        {
            case OutboxOutcome.Done:
                if (logger.IsEnabled(LogLevel.Debug))
                {
                    Log.Done(logger, claim.Item.ForLog, claim.Attempt);
                }

                break;
            case OutboxOutcome.Dead:
                Log.GivenUp(logger, claim.Item.ForLog, claim.Attempt, reason);
                break;
            default:
                Log.Again(logger, claim.Item.ForLog, claim.Attempt, verdict.Due, reason);
                break;
        }

        if (verdict.DestinationClosedUntil is { } until)
        {
            if (gate.Close(until, verdict.Error!))
            {
                Log.Closed(logger, verdict.NeedsSomebody ? LogLevel.Critical : LogLevel.Warning, destination, reason);
            }
        }
        else if (verdict.Outcome != OutboxOutcome.Retry && gate.Open())
        {
            Log.Opened(logger, destination);
        }
    }

    /// <summary>What a service says of a refusal may repeat what it was sent, so the log has the status alone; the outbox shows the rest.</summary>
    private static string? ForLog(string? error) => error is [>= '0' and <= '9', >= '0' and <= '9', >= '0' and <= '9', ' ', ..] ? error[..3] : error;

    private void ReportFailure(Exception exception)
    {
        if (Interlocked.Exchange(ref _failing, 1) == 0)
        {
            Log.RoundFailed(logger, exception, destination);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.OutboxRoundFailed, LogLevel.Error, "The outbox to {Destination} could not be worked on; what is in it waits and is done later.")]
        public static partial void RoundFailed(ILogger logger, Exception exception, OutboxDestination destination);

        [LoggerMessage(EventIds.OutboxUnknownKind, LogLevel.Warning, "The outbox holds work of the kind {Kind}, which this version does not know; a newer host will do it.")]
        public static partial void UnknownKind(ILogger logger, string kind);

        [LoggerMessage(EventIds.OutboxItemFailed, LogLevel.Error, "Outbox work {Item} failed and will be tried again.")]
        public static partial void ItemFailed(ILogger logger, Exception exception, string item);

        [LoggerMessage(EventIds.OutboxItemDone, LogLevel.Debug, "Outbox work {Item} is done, at attempt {Attempt}.")]
        public static partial void Done(ILogger logger, string item, int attempt);

        [LoggerMessage(EventIds.OutboxItemAgain, LogLevel.Information, "Outbox work {Item}, attempt {Attempt}: again at {Due:O}: {Reason}")]
        public static partial void Again(ILogger logger, string item, int attempt, DateTimeOffset? due, string? reason);

        [LoggerMessage(EventIds.OutboxItemGivenUp, LogLevel.Error, "Outbox work {Item} is given up after {Attempt} attempts and kept as a dead letter: {Reason}")]
        public static partial void GivenUp(ILogger logger, string item, int attempt, string? reason);

        [LoggerMessage(EventIds.OutboxClaimLost, LogLevel.Warning, "Outbox work {Item} took longer than its lease and is another host's by now; that host settles it.")]
        public static partial void ClaimLost(ILogger logger, string item);

        [LoggerMessage(EventId = EventIds.OutboxClosed, Message = "Nothing is sent to {Destination} for now, and nothing is lost: {Reason}")]
        public static partial void Closed(ILogger logger, LogLevel level, OutboxDestination destination, string? reason);

        [LoggerMessage(EventIds.OutboxOpened, LogLevel.Information, "Deliveries to {Destination} go on.")]
        public static partial void Opened(ILogger logger, OutboxDestination destination);
    }
}
