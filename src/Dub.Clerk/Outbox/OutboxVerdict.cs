namespace Dub.Clerk.Outbox;

/// <summary>What an attempt came to.</summary>
internal sealed record OutboxVerdict
{
    private OutboxVerdict(OutboxOutcome outcome) => Outcome = outcome;

    public OutboxOutcome Outcome { get; }

    /// <summary>The handler's JSON as it is to be kept; empty for as it was.</summary>
    public ReadOnlyMemory<byte> State { get; private init; }

    /// <summary>When to look again, where that is the handler's to say.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>What went wrong, for the person who looks. Nothing personal.</summary>
    public string? Error { get; private init; }

    /// <summary>Until when nothing else should be sent to the destination either.</summary>
    public DateTimeOffset? DestinationClosedUntil { get; private init; }

    /// <summary>Whether somebody must act for the destination to open again.</summary>
    public bool NeedsSomebody { get; private init; }

    /// <summary>Something came of the attempt, whatever failed after it: failures are counted anew.</summary>
    public bool HasProgress { get; init; }

    /// <summary>How many attempts in a row have failed.</summary>
    /// <param name="attempt">Which attempt this verdict is of, from 1, since something came of one.</param>
    public int FailuresAfter(int attempt) => (HasProgress ? 0 : attempt - 1) + (Outcome == OutboxOutcome.Retry ? 1 : 0);

    /// <summary>The work is done.</summary>
    /// <param name="record">What is kept of it; empty for nothing.</param>
    public static OutboxVerdict Done(ReadOnlyMemory<byte> record = default) => new(OutboxOutcome.Done) { State = record };

    /// <summary>It failed; it is tried again as the <see cref="RetryPolicy"/> says, and given up in the end.</summary>
    public static OutboxVerdict Retry(string error, ReadOnlyMemory<byte> state = default) => new(OutboxOutcome.Retry) { Error = error, State = state };

    /// <summary>The service has answered, and it is to be asked again at that time.</summary>
    public static OutboxVerdict Again(DateTimeOffset due, string reason, ReadOnlyMemory<byte> state) => Wait(due, reason, state) with { HasProgress = true };

    /// <summary>Nothing was done, and nothing that is the item's fault failed: to be looked at again at that time, however often.</summary>
    public static OutboxVerdict Wait(DateTimeOffset due, string? reason = null, ReadOnlyMemory<byte> state = default)
        => new(OutboxOutcome.Wait) { Due = due, Error = reason, State = state };

    /// <summary>The destination takes nothing from us for now; the item waits for it with the others.</summary>
    /// <param name="until">When to see whether it does again.</param>
    /// <param name="reason">Why.</param>
    /// <param name="needsSomebody">It will not pass by itself: somebody must be told.</param>
    /// <param name="state">The handler's JSON; empty for as it was.</param>
    public static OutboxVerdict Closed(DateTimeOffset until, string reason, bool needsSomebody, ReadOnlyMemory<byte> state = default)
        => new(OutboxOutcome.Wait) { Due = until, Error = reason, State = state, DestinationClosedUntil = until, NeedsSomebody = needsSomebody };

    /// <summary>It will never succeed.</summary>
    public static OutboxVerdict Dead(string error, ReadOnlyMemory<byte> state = default) => new(OutboxOutcome.Dead) { Error = error, State = state };
}

internal enum OutboxOutcome
{
    Done,
    Retry,
    Wait,
    Dead,
}
