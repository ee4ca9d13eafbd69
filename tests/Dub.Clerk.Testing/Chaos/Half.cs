namespace Dub.Clerk.Testing.Chaos;

/// <summary>One half of a sign-up, which is delivered so many times, and longer if none of them was acknowledged.</summary>
internal sealed class Half(Person person, bool isWebhook, int times)
{
    private int _left = times;
    private int _acknowledged;

    public Person Person => person;

    /// <summary>Clerk's half; else the browser's.</summary>
    public bool IsWebhook => isWebhook;

    public int Times { get; } = times;

    /// <summary>The message's id, the same in each delivery of it.</summary>
    public string Id { get; } = "msg_" + person.UserId;

    /// <summary>A delivery was answered, or not.</summary>
    /// <returns>Whether it was the first that was acknowledged, and whether one more is needed.</returns>
    public (bool First, bool Again) Sent(bool acknowledged)
    {
        var first = acknowledged && Interlocked.Exchange(ref _acknowledged, 1) == 0;
        var left = Interlocked.Decrement(ref _left);
        return (first, left <= 0 && Volatile.Read(ref _acknowledged) == 0);
    }
}
