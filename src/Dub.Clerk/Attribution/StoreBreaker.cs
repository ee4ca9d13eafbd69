namespace Dub.Clerk.Attribution;

/// <summary>Keeps an ailing store from slowing the app's own requests: after a failure the middleware asks nothing of it for a moment.</summary>
internal sealed class StoreBreaker(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private long _failedAt;
    private int _failing;
    private int _everFailed;

    public bool IsOpen => Volatile.Read(ref _everFailed) != 0 && time.GetElapsedTime(Volatile.Read(ref _failedAt)) < Pause;

    /// <summary>Notes a failure.</summary>
    /// <returns>True for the first one of an outage, which is worth a log entry.</returns>
    public bool Failed()
    {
        Volatile.Write(ref _failedAt, time.GetTimestamp());
        Volatile.Write(ref _everFailed, 1);
        return Interlocked.Exchange(ref _failing, 1) == 0;
    }

    public void Succeeded() => Volatile.Write(ref _failing, 0);
}
