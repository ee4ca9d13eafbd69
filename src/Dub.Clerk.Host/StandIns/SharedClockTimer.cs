namespace Dub.Clerk.Host.StandIns;

/// <summary>A timer of a <see cref="SharedClock"/>. In the order of their due times.</summary>
internal sealed class SharedClockTimer(SharedClock clock, TimerCallback callback, object? state) : ITimer, IComparable<SharedClockTimer>
{
    private static long _lastId;

    private readonly long _id = Interlocked.Increment(ref _lastId);
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private volatile bool _disposed;

    /// <summary>When it fires next, in ticks of the clock. The clock's alone to change.</summary>
    public long Due { get; set; }

    /// <summary>How long after it fired it fires again; null when it does not.</summary>
    public TimeSpan? Period { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_disposed)
        {
            return false;
        }

        clock.Schedule(this, Wait(dueTime), Wait(period) is { Ticks: > 0 } repeat ? repeat : null);
        return true;
    }

    public void Fire()
    {
        if (_disposed)
        {
            return;
        }

        if (_context is null)
        {
            callback(state);
        }
        else
        {
            ExecutionContext.Run(_context, static timer => ((SharedClockTimer)timer!).Call(), this);
        }
    }

    public int CompareTo(SharedClockTimer? other)
        => other is null ? 1 : Due != other.Due ? Due.CompareTo(other.Due) : _id.CompareTo(other._id);

    public void Dispose()
    {
        _disposed = true;
        clock.Schedule(this, dueIn: null, period: null);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static TimeSpan? Wait(TimeSpan time)
    {
        if (time == Timeout.InfiniteTimeSpan)
        {
            return null;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(time.Ticks, nameof(time));
        return time;
    }

    private void Call() => callback(state);
}
