using System.Runtime.CompilerServices;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Which events there are, by time: a sorted set per kind, day (UTC) and shard.</summary>
internal sealed class EventIndex(StoreConnection store)
{
    /// <summary>Few at first, for those who want the newest only; then more, up to an answer that is not too long.</summary>
    private const int FirstPage = 64;

    private const int LongestPage = 512;

    /// <summary>How many days are looked at together for how many events they have: few at first, then four times as many each time.</summary>
    private const int DaysAhead = 4;

    /// <summary>Of more than these it is asked first whether any has events at all.</summary>
    private const int ManyDays = 32;

    public static string NameOf(EventKind kind) => kind switch
    {
        EventKind.Clicks => "clicks",
        EventKind.Leads => "leads",
        _ => "sales",
    };

    /// <summary>The ids, in the order of time; those of one moment in the order of ids.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async IAsyncEnumerable<string> ReadAsync(
        EventKind kind, DateTimeOffset from, DateTimeOffset to, bool newestFirst, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (to <= from)
        {
            yield break;
        }

        foreach (var days in Ahead([.. DaysOf(from, to, newestFirst)]))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (days.Count > ManyDays && !await AnyAsync(kind, days))
            {
                continue;
            }

            foreach (var some in days.Chunk(ManyDays))
            {
                var keys = some.SelectMany(day => Enumerable.Range(0, StoreKeys.Shards).Select(shard => store.Keys.EventIndex(shard, NameOf(kind), day))).ToList();
                var lengths = await store.RunAsync(database => Task.WhenAll(keys.Select(key => database.SortedSetLengthAsync(key, flags: CommandFlags.DemandMaster))));
                foreach (var day in keys.Zip(lengths).Chunk(StoreKeys.Shards))
                {
                    var cursors = day.Where(shard => shard.Second > 0).Select(shard => new Cursor(shard.First)).ToList();
                    await foreach (var id in MergeAsync(cursors, from, to, newestFirst, cancellationToken))
                    {
                        yield return id;
                    }
                }
            }
        }
    }

    private static IEnumerable<ArraySegment<DateOnly>> Ahead(DateOnly[] days)
    {
        for (var (start, count) = (0, DaysAhead); start < days.Length; start += count, count *= 4)
        {
            yield return new ArraySegment<DateOnly>(days, start, Math.Min(count, days.Length - start));
        }
    }

    private async Task<bool> AnyAsync(EventKind kind, IReadOnlyCollection<DateOnly> days)
    {
        var found = await store.RunAsync(database => Task.WhenAll(Enumerable.Range(0, StoreKeys.Shards).Select(shard =>
            database.KeyExistsAsync([.. days.Select(day => store.Keys.EventIndex(shard, NameOf(kind), day))], flags: CommandFlags.DemandMaster))));
        return found.Any(count => count > 0);
    }

    private async IAsyncEnumerable<string> MergeAsync(
        List<Cursor> cursors, DateTimeOffset from, DateTimeOffset to, bool newestFirst, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(cursors.Where(cursor => cursor.NeedsMore).Select(cursor => FillAsync(cursor, from, to, newestFirst)));
            cursors.RemoveAll(cursor => cursor is { Entries.Count: 0, IsAtEnd: true });
            if (cursors.Count == 0)
            {
                yield break;
            }

            while (cursors.TrueForAll(cursor => cursor.Entries.Count > 0))
            {
                var next = cursors[0];
                foreach (var cursor in cursors)
                {
                    if (cursor.IsBefore(next, newestFirst))
                    {
                        next = cursor;
                    }
                }

                yield return next.Entries.Dequeue().Element!;
            }
        }
    }

    private async Task FillAsync(Cursor cursor, DateTimeOffset from, DateTimeOffset to, bool newestFirst)
    {
        // From the last entry on and not by number: events that come while this is read move the numbers.
        var (first, last) = ((double)from.ToUnixTimeMilliseconds(), (double)(to.ToUnixTimeMilliseconds() - 1));
        var (min, max) = newestFirst ? (first, cursor.Last ?? last) : (cursor.Last ?? first, last);
        var entries = await store.RunAsync(database => database.SortedSetRangeByScoreWithScoresAsync(
            cursor.Key, min, max, Exclude.None, newestFirst ? Order.Descending : Order.Ascending, cursor.AtLast.Count, cursor.Page, flags: CommandFlags.DemandMaster));
        cursor.Take(entries);
    }

    private static IEnumerable<DateOnly> DaysOf(DateTimeOffset from, DateTimeOffset to, bool newestFirst)
    {
        var (first, last) = (DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(to.UtcDateTime));
        var days = Enumerable.Range(0, last.DayNumber - first.DayNumber + 1);
        return days.Select(day => newestFirst ? last.AddDays(-day) : first.AddDays(day));
    }

    /// <summary>How far one shard of a day has been read.</summary>
    private sealed class Cursor(RedisKey key)
    {
        public RedisKey Key { get; } = key;

        public Queue<SortedSetEntry> Entries { get; } = new();

        /// <summary>The time of the entry that was read last.</summary>
        public double? Last { get; private set; }

        /// <summary>Those of that time that were read.</summary>
        public HashSet<RedisValue> AtLast { get; } = [];

        /// <summary>How many are read next.</summary>
        public int Page { get; private set; } = FirstPage;

        public bool IsAtEnd { get; private set; }

        public bool NeedsMore => Entries.Count == 0 && !IsAtEnd;

        public void Take(SortedSetEntry[] entries)
        {
            IsAtEnd = entries.Length < Page;
            Page = Math.Min(Page * 2, LongestPage);
            foreach (var entry in entries)
            {
                if (entry.Score != Last)
                {
                    Last = entry.Score;
                    AtLast.Clear();
                }

                if (AtLast.Add(entry.Element))
                {
                    Entries.Enqueue(entry);
                }
            }
        }

        public bool IsBefore(Cursor other, bool newestFirst)
        {
            var (mine, its) = (Entries.Peek(), other.Entries.Peek());
            var order = mine.Score == its.Score ? string.CompareOrdinal(mine.Element, its.Element) : mine.Score.CompareTo(its.Score);
            return newestFirst ? order > 0 : order < 0;
        }
    }
}
