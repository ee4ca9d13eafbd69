namespace Dub.Clerk.Outbox;

/// <summary>Whether anything is sent to a destination now. When it was closed, one attempt goes first to see whether it is open again.</summary>
internal sealed class DestinationGate(TimeProvider time)
{
    private readonly Lock _changing = new();
    private TaskCompletionSource _changed = New();
    private DateTimeOffset? _closedUntil;
    private bool _probing;

    /// <summary>Why it is closed; null while it is open.</summary>
    public string? Reason { get; private set; }

    /// <summary>Since when it is closed.</summary>
    public DateTimeOffset? ClosedSince { get; private set; }

    /// <summary>Closes it, or keeps it closed.</summary>
    /// <returns>Whether it was open before, or closed for another reason.</returns>
    public bool Close(DateTimeOffset until, string reason)
    {
        lock (_changing)
        {
            var isNews = Reason != reason;
            _closedUntil = _closedUntil > until ? _closedUntil : until;
            Reason = reason;
            ClosedSince ??= time.GetUtcNow();
            return isNews;
        }
    }

    /// <summary>An attempt came through.</summary>
    /// <returns>Whether it was closed before.</returns>
    public bool Open()
    {
        lock (_changing)
        {
            if (_closedUntil is null)
            {
                return false;
            }

            (_closedUntil, Reason, ClosedSince, _probing) = (null, null, null, false);
            Change();
            return true;
        }
    }

    /// <summary>Waits until an attempt may be made.</summary>
    /// <returns>Whether it is the one that sees whether the destination is back; it must be given to <see cref="Leave"/>.</returns>
    public async ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
    {
        bool isProbe;
        while (!TryEnter(out isProbe))
        {
            Task changed;
            TimeSpan wait;
            lock (_changing)
            {
                changed = _changed.Task;
                wait = _closedUntil is { } until && !_probing ? until - time.GetUtcNow() : TimeSpan.FromSeconds(1);
            }

            await Task.WhenAny(changed, Task.Delay(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        return isProbe;
    }

    /// <summary>Enters if that is possible at once.</summary>
    public bool TryEnter(out bool isProbe)
    {
        lock (_changing)
        {
            isProbe = _closedUntil is not null;
            if (_closedUntil is null)
            {
                return true;
            }

            if (_probing || time.GetUtcNow() < _closedUntil)
            {
                return false;
            }

            _probing = true;
            return true;
        }
    }

    /// <summary>The attempt is over, whatever it came to.</summary>
    public void Leave(bool isProbe)
    {
        if (isProbe)
        {
            lock (_changing)
            {
                _probing = false;
                Change();
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Change()
    {
        _changed.TrySetResult();
        _changed = New();
    }
}
