using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Api;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Dashboard.Live;

/// <summary>New events for the pages that are open on this host: it listens and reads once, however many they are, and not at all while there are none.</summary>
/// <remarks>What it is told is a hint, from when on to read at once. Every few seconds it reads with a long overlap all the same, and hands out what it
/// has not handed out before: a message that is lost or late, or another host's clock that differs, makes neither a gap nor a repeat.</remarks>
internal sealed class EventFeed(EventLog log, EventList list, EventNews news, TimeProvider time) : IDisposable
{
    /// <summary>How many pages it serves. Those beyond it show what there was when they were opened.</summary>
    public const int MaxReaders = 500;

    /// <summary>How many events of a kind are read at once. Where there are more, readers are told to look themselves.</summary>
    public const int MaxBatch = 1000;

    /// <summary>How many ids of a kind are remembered. More than are ever read again.</summary>
    private const int MaxKnown = 8 * MaxBatch;

    /// <summary>How many records are asked for together.</summary>
    private const int Chunk = 200;

    /// <summary>How far clocks of hosts may differ.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    /// <summary>How far back it looks beyond what it has been told.</summary>
    private static readonly TimeSpan LongOverlap = TimeSpan.FromMinutes(15);

    /// <summary>How often it looks so.</summary>
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(5);

    /// <summary>How often it looks at most.</summary>
    private static readonly TimeSpan BusyInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Of its time, a fifth is spent reading at most: a busy store has better things to do.</summary>
    private const int Rest = 4;

    private readonly Lock _changing = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Dictionary<EventKind, KnownIds> _known = Enum.GetValues<EventKind>().ToDictionary(kind => kind, _ => new KnownIds(MaxKnown));
    private readonly List<Reader> _readers = [];
    private Task _run = Task.CompletedTask;
    private CancellationTokenSource? _running;
    private DateTimeOffset _toldSince = DateTimeOffset.MaxValue;
    private bool _mayHaveMissed;

    /// <summary>Begins to hand out what is new.</summary>
    /// <param name="onBatch">Must be quick, and must not throw.</param>
    /// <returns>To be disposed of when the page is left; null when too many pages are open.</returns>
    public IDisposable? Open(Action<FeedBatch> onBatch)
    {
        var reader = new Reader(this, onBatch);
        lock (_changing)
        {
            if (_readers.Count >= MaxReaders)
            {
                return null;
            }

            _readers.Add(reader);
            if (_running is null)
            {
                _running = new CancellationTokenSource();
                var (before, stopping) = (_run, _running.Token);
                _run = Task.Run(() => RunAsync(before, stopping), CancellationToken.None);
            }
        }

        return reader;
    }

    public void Dispose()
    {
        lock (_changing)
        {
            _readers.Clear();
            Stop();
        }
    }

    private void Close(Reader reader)
    {
        lock (_changing)
        {
            if (_readers.Remove(reader) && _readers.Count == 0)
            {
                Stop();
            }
        }
    }

    private void Stop()
    {
        _running?.Cancel();
        _running?.Dispose();
        _running = null;
    }

    private async Task RunAsync(Task before, CancellationToken stopping)
    {
        await before;
        IAsyncDisposable? ear = null;
        var (lookedAt, isAway, isFirst) = (time.GetUtcNow(), false, true);
        try
        {
            while (true)
            {
                var started = time.GetTimestamp();
                try
                {
                    ear ??= await news.ListenAsync(OnNews, OnRestored);
                    var (now, told, mayHaveMissed) = TakeHint();
                    var isLong = isFirst || isAway || mayHaveMissed || (now - lookedAt).Duration() >= IdleInterval;
                    var from = isLong && lookedAt - LongOverlap < told ? lookedAt - LongOverlap : told;
                    await ReadAsync(from, now + Overlap, mayHaveMissed || isAway, stopping);
                    (lookedAt, isAway, isFirst) = (isLong ? now : lookedAt, false, false);
                }
                catch (StoreException) when (!stopping.IsCancellationRequested)
                {
                    isAway = true;
                    Tell(new FeedBatch([]) { IsStoreAway = true });
                }

                var pause = time.GetElapsedTime(started) * Rest;
                await Task.Delay(pause > BusyInterval ? pause < IdleInterval ? pause : IdleInterval : BusyInterval, time, stopping);
                await _wake.WaitAsync(isAway ? TimeSpan.FromSeconds(1) : IdleInterval, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        finally
        {
            if (ear is not null)
            {
                await ear.DisposeAsync();
            }
        }
    }

    private async Task ReadAsync(DateTimeOffset from, DateTimeOffset to, bool mayHaveMissed, CancellationToken cancellationToken)
    {
        var ofKinds = await Task.WhenAll(_known.Select(kind => ReadAsync(kind.Key, kind.Value, from, to, cancellationToken)));
        var found = ofKinds.SelectMany(ofKind => ofKind.Found).ToList();
        found.Sort(EventList.Compare);
        var rows = await list.DescribeAsync(found);
        foreach (var one in found)
        {
            _known[one.Kind].Add(one.Id);
        }

        Tell(new FeedBatch(rows) { IsCut = mayHaveMissed || ofKinds.Any(ofKind => ofKind.IsCut) });
    }

    private async Task<(List<LoggedEvent> Found, bool IsCut)> ReadAsync(EventKind kind, KnownIds known, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var ids = await log.ReadIdsAsync(kind, from, to, newestFirst: true, cancellationToken).Take(MaxBatch).ToListAsync(cancellationToken);
        var found = new List<LoggedEvent>();
        foreach (var chunk in ids.Where(id => !known.Contains(id)).Chunk(Chunk))
        {
            found.AddRange((await log.FindAsync([.. chunk.Select(id => (kind, id))])).OfType<LoggedEvent>());
        }

        return (found, ids.Count == MaxBatch && !known.Contains(ids[^1]));
    }

    /// <returns>The time, since when there is something new, and whether it may not have been told of all.</returns>
    private (DateTimeOffset Now, DateTimeOffset Told, bool MayHaveMissed) TakeHint()
    {
        lock (_changing)
        {
            var (told, missed) = (_toldSince, _mayHaveMissed);
            (_toldSince, _mayHaveMissed) = (DateTimeOffset.MaxValue, false);
            return (time.GetUtcNow(), told, missed);
        }
    }

    private void Tell(FeedBatch batch)
    {
        Reader[] readers;
        lock (_changing)
        {
            readers = [.. _readers];
        }

        foreach (var reader in readers)
        {
            reader.OnBatch(batch);
        }
    }

    private void OnNews(DateTimeOffset since)
    {
        lock (_changing)
        {
            _toldSince = since < _toldSince ? since : _toldSince;
        }

        Wake();
    }

    private void OnRestored()
    {
        lock (_changing)
        {
            _mayHaveMissed = true;
        }

        Wake();
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is to look already.
        }
    }

    private sealed class Reader(EventFeed feed, Action<FeedBatch> onBatch) : IDisposable
    {
        public Action<FeedBatch> OnBatch { get; } = onBatch;

        public void Dispose() => feed.Close(this);
    }
}

/// <summary>What the feed has found.</summary>
/// <param name="Rows">Oldest first. None says only that the log was read.</param>
internal sealed record FeedBatch(IReadOnlyList<EventRow> Rows)
{
    /// <summary>There may be others that are new: who wants them all reads the log.</summary>
    public bool IsCut { get; init; }

    /// <summary>The store did not answer.</summary>
    public bool IsStoreAway { get; init; }
}

/// <summary>The ids that came last, and no more of them than can be kept.</summary>
internal sealed class KnownIds(int capacity)
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    public bool Contains(string id) => _ids.Contains(id);

    public void Add(string id)
    {
        if (_ids.Add(id))
        {
            _order.Enqueue(id);
            if (_order.Count > capacity)
            {
                _ids.Remove(_order.Dequeue());
            }
        }
    }
}
