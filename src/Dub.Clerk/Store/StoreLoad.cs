namespace Dub.Clerk.Store;

/// <summary>How much waits for the store. What would only wait in vain, or would be too much to keep, is refused at once: a caller who hears that
/// soon can come again, and a process that keeps nothing more cannot run out of memory.</summary>
/// <param name="patience">How long nothing at all may be answered, while something waits, before the store counts as stalled.</param>
/// <param name="time">What that is measured with.</param>
internal sealed class StoreLoad(TimeSpan patience, TimeProvider time)
{
    /// <summary>How many calls may wait. A store that answers within 50 ms takes 80,000 in a second with that.</summary>
    public const int Most = 4096;

    private int _waiting;
    private long _answeredAt;
    private long _noticedAt;

    /// <summary>Notes a call. Each that returns is to be followed by <see cref="Leave"/>.</summary>
    /// <exception cref="StoreOverloadedException">It must not be made.</exception>
    public void Enter()
    {
        if (Volatile.Read(ref _waiting) == 0)
        {
            // Nobody has waited until now. Said before we are counted, so that whoever is next finds it.
            Volatile.Write(ref _answeredAt, time.GetTimestamp());
        }

        var waiting = Interlocked.Increment(ref _waiting);
        if (waiting > Most || (waiting > 1 && HasStalled()))
        {
            Interlocked.Decrement(ref _waiting);
            throw new StoreOverloadedException(waiting > Most ? "Too much waits for the store already." : "The store has stalled.");
        }
    }

    /// <param name="isAnswered">Whether the store said anything, if only no.</param>
    public void Leave(bool isAnswered)
    {
        Interlocked.Decrement(ref _waiting);
        if (isAnswered)
        {
            Volatile.Write(ref _answeredAt, time.GetTimestamp());
        }
    }

    /// <summary>A process that stood still itself finds answers that came meanwhile: from when the silence is noticed on, it has a tenth of the patience to see them.</summary>
    private bool HasStalled()
    {
        var (now, answered, noticed) = (time.GetTimestamp(), Volatile.Read(ref _answeredAt), Volatile.Read(ref _noticedAt));
        if (time.GetElapsedTime(answered, now) <= patience)
        {
            return false;
        }

        if (noticed <= answered)
        {
            Volatile.Write(ref _noticedAt, now);
            return false;
        }

        return time.GetElapsedTime(noticed, now) > patience / 10;
    }
}
