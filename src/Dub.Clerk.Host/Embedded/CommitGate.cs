using Tsavorite.core;

namespace Dub.Clerk.Host.Embedded;

/// <summary>Puts the log on disk only between commands, never in the middle of one, so that a script is on disk whole or not at all.</summary>
/// <remarks>Garnet commits each call inside a script by itself and marks neither its beginning nor its end: of 80 groups of keys written by
/// a four-call script, 13 were half-written after five kills. It also waits for the disk at each call; here one wait covers whatever
/// commands are ready: about ten times as many scripts a second. Not covered: the commit that Garnet makes by itself at the end of a checkpoint
/// can fall into a script, for the under a millisecond until the next commit of ours.</remarks>
internal sealed class CommitGate(TsavoriteLog log) : IDisposable
{
    /// <summary>A response too large for its buffer is sent while a script still holds its keys, and may wait for one that waits for those.
    /// Then durability goes first.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly ReaderWriterLockSlim _commands = new(LockRecursionPolicy.NoRecursion);
    private readonly SemaphoreSlim _committing = new(1);

    /// <summary>Enters a command. False when this thread is in one already: it delivers a published message.</summary>
    public bool TryEnter()
    {
        if (_commands.IsReadLockHeld)
        {
            return false;
        }

        _commands.EnterReadLock();
        return true;
    }

    public void Exit() => _commands.ExitReadLock();

    /// <summary>Returns when everything written before the call is on disk. Not to be called inside a command.</summary>
    /// <exception cref="CommitFailureException">A write failed, now or earlier: the log takes nothing more until it is opened again.</exception>
    public void Commit()
    {
        var until = log.TailAddress;
        if (log.CommittedUntilAddress >= until)
        {
            return;
        }

        // Those who wait here find their part done by whoever went first. They wait on a task because the thread pool then makes up for the
        // blocked thread at once; with a plain lock, fifty connections starved the write they waited for (28,000 writes a second became 1,100).
        _committing.WaitAsync().GetAwaiter().GetResult();
        try
        {
            if (log.CommittedUntilAddress < until)
            {
                CommitAlone();
                log.WaitForCommitAsync(until).AsTask().GetAwaiter().GetResult();
            }
        }
        finally
        {
            _committing.Release();
        }
    }

    public void Dispose()
    {
        _commands.Dispose();
        _committing.Dispose();
    }

    private void CommitAlone()
    {
        var alone = _commands.TryEnterWriteLock(Patience);
        try
        {
            log.Commit();
        }
        finally
        {
            if (alone)
            {
                _commands.ExitWriteLock();
            }
        }
    }
}
