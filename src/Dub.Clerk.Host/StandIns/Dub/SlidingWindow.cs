namespace Dub.Clerk.Host.StandIns;

/// <summary>Lets a number of calls through in any window of that length. Refused calls do not count.</summary>
internal sealed class SlidingWindow
{
    private readonly Lock _gate = new();
    private readonly Queue<DateTimeOffset> _calls = [];

    /// <summary>Asks for one call.</summary>
    /// <returns>Whether it may go on, how many more may now, and when the oldest call leaves the window.</returns>
    public (bool Accepted, int Remaining, DateTimeOffset Reset) Enter(DateTimeOffset now, int limit, TimeSpan window)
    {
        lock (_gate)
        {
            while (_calls.TryPeek(out var oldest) && oldest <= now - window)
            {
                _calls.Dequeue();
            }

            var accepted = _calls.Count < limit;
            if (accepted)
            {
                _calls.Enqueue(now);
            }

            return (accepted, Math.Max(0, limit - _calls.Count), (_calls.TryPeek(out var first) ? first : now) + window);
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _calls.Clear();
        }
    }
}
