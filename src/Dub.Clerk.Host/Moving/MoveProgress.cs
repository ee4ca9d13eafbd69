namespace Dub.Clerk.Host.Moving;

/// <summary>How far a move is, for whoever waits for it.</summary>
internal sealed class MoveProgress
{
    private long _keys;

    /// <summary>What is being done.</summary>
    public string Step { get; private set; } = "Looking";

    /// <summary>How many keys that was done to.</summary>
    public long Keys => Interlocked.Read(ref _keys);

    public void Begin(string step)
    {
        Step = step;
        Interlocked.Exchange(ref _keys, 0);
    }

    public void Count() => Interlocked.Increment(ref _keys);
}
