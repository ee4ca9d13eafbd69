using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Api;

namespace Dub.Clerk.Host.Dashboard.Live;

/// <summary>What one page shows: the newest events without gap or repeat, as many as there is room for, and those that wait while it is paused.</summary>
internal sealed class LiveList
{
    /// <summary>How many are read at once.</summary>
    public const int PageSize = 50;

    /// <summary>How many are shown while new ones come.</summary>
    public const int LiveRows = 100;

    /// <summary>How many are shown after all that is older was asked for.</summary>
    public const int MaxRows = 500;

    /// <summary>How many wait one by one; more are counted, and read from the log in the end.</summary>
    private const int MaxWaiting = 1000;

    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly List<EventRow> _rows = [];
    private readonly List<EventRow> _waiting = [];
    private int _room = LiveRows;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<EventRow> Rows => _rows;

    /// <summary>The event after which older ones come; null when there are none.</summary>
    public LoggedEvent? Last { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>How many came while it is paused.</summary>
    public long Waiting { get; private set; }

    /// <summary>How many came and were moved out by newer ones.</summary>
    public long Passed { get; private set; }

    /// <summary>Not all that is new was handed over: the log must be read again.</summary>
    public bool NeedsReading { get; private set; }

    public bool CanShowOlder => Last is not null && _rows.Count < MaxRows;

    /// <summary>How many to read where it is read again.</summary>
    public int Room => Math.Max(PageSize, Math.Min(_rows.Count, MaxRows));

    /// <summary>What the log has; in place of all that was shown.</summary>
    public void Begin(EventPage page)
    {
        _rows.Clear();
        _ids.Clear();
        Forget();
        NeedsReading = false;
        Last = page.Last;
        _room = Math.Max(_room, page.Rows.Count);
        Insert(page.Rows);
    }

    /// <summary>What is older than all that is shown.</summary>
    /// <param name="after">What was <see cref="Last"/> when it was read.</param>
    /// <param name="page">What comes after it.</param>
    /// <returns>False when the last is another one meanwhile, and what comes after that must be read.</returns>
    public bool AddOlder(LoggedEvent after, EventPage page)
    {
        if (!ReferenceEquals(after, Last))
        {
            return false;
        }

        _room = Math.Min(_rows.Count + page.Rows.Count + PageSize, MaxRows);
        Last = page.Last;
        Insert(page.Rows.Where(row => !_ids.Contains(KeyOf(row))));
        Trim();
        return true;
    }

    /// <summary>What is new.</summary>
    /// <returns>How many are now shown or waiting.</returns>
    public int Add(IEnumerable<EventRow> rows)
    {
        var fresh = rows.Where(IsListed).ToList();
        if (!IsPaused)
        {
            Insert(fresh);
            Passed += Trim();
            return fresh.Count;
        }

        Waiting += fresh.Count;
        NeedsReading |= _waiting.Count + fresh.Count > MaxWaiting;
        if (!NeedsReading)
        {
            _waiting.AddRange(fresh);
            _ids.UnionWith(fresh.Select(KeyOf));
        }

        return fresh.Count;
    }

    /// <summary>There was more than was handed over.</summary>
    public void Miss() => NeedsReading = true;

    public void Pause() => IsPaused = true;

    /// <summary>Shows what waits; where it is more than was kept, it <see cref="NeedsReading"/>.</summary>
    public void Resume()
    {
        IsPaused = false;
        var waiting = _waiting.ToList();
        Forget();
        Insert(waiting);
        Passed += Trim();
    }

    public static string KeyOf(EventRow row) => $"{row.Logged.Kind}:{row.Logged.Id}";

    /// <summary>Whether it belongs here and is not here: what is older than the last is among the older ones.</summary>
    private bool IsListed(EventRow row) => !_ids.Contains(KeyOf(row)) && (Last is null || EventList.Compare(row.Logged, Last) > 0);

    private void Insert(IEnumerable<EventRow> rows)
    {
        var before = _rows.Count;
        _rows.AddRange(rows);
        _ids.UnionWith(_rows.Skip(before).Select(KeyOf));
        _rows.Sort((one, other) => EventList.Compare(other.Logged, one.Logged));
    }

    private int Trim()
    {
        var over = Math.Max(0, _rows.Count - _room);
        foreach (var row in _rows.TakeLast(over))
        {
            _ids.Remove(KeyOf(row));
        }

        _rows.RemoveRange(_rows.Count - over, over);
        if (over > 0)
        {
            Last = _rows[^1].Logged;
        }

        return over;
    }

    private void Forget()
    {
        _waiting.Clear();
        Waiting = 0;
    }
}
