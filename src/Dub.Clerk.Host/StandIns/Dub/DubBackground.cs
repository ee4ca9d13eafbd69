namespace Dub.Clerk.Host.StandIns;

/// <summary>What goes on after a reply. It ends with the stand-in, and starting over forgets it.</summary>
internal sealed class DubBackground(TimeProvider time) : IDisposable
{
    private CancellationTokenSource _stop = new();
    private int _pending;

    /// <summary>Whether everything has happened that a reply has promised.</summary>
    public bool IsIdle => Volatile.Read(ref _pending) == 0;

    public void Run(TimeSpan delay, Action work) => Run(async token =>
    {
        await Task.Delay(delay, time, token);
        work();
    });

    public void Run(Func<CancellationToken, Task> work)
    {
        var token = _stop.Token;
        Interlocked.Increment(ref _pending);
        _ = Task.Run(
            async () =>
            {
                try
                {
                    await work(token);
                }
                catch (OperationCanceledException)
                {
                    // Forgotten, or the stand-in is gone.
                }
                finally
                {
                    Interlocked.Decrement(ref _pending);
                }
            },
            CancellationToken.None);
    }

    /// <summary>Drops what has not happened yet.</summary>
    public void Forget()
    {
        using var old = Interlocked.Exchange(ref _stop, new CancellationTokenSource());
        old.Cancel();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }
}
