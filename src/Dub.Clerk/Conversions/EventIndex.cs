using System.Runtime.CompilerServices;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Which events there are, by time: a sorted set per kind, day (UTC) and shard.</summary>
internal sealed class EventIndex(StoreConnection store)
{
    /// <summary>Small enough that no answer is long.</summary>
    private const int Page = 500;

    /// <summary>How many days are looked at together for having events at all.</summary>
    private const int DaysAhead = 32;

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

        foreach (var days in DaysOf(from, to, newestFirst).Chunk(DaysAhead))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var keys = days.SelectMany(day => Enumerable.Range(0, StoreKeys.Shards).Select(shard => store.Keys.EventIndex(shard, NameOf(kind), day))).ToList();
            var lengths = await store.RunAsync(database => Task.WhenAll(keys.Select(key => database.SortedSetLengthAsync(key))));
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

    private async IAsyncEnumerable<string> MergeAsync(
        List<Cursor> cursors, DateTimeOffset from, DateTimeOffset to, bool newestFirst, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Events that come while this is read move the pages.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(cursors.Where(cursor => cursor.NeedsMore).Select(cursor => FillAsync(cursor, from, to, newestFirst)));
            cursors.RemoveAll(cursor => cursor.Entries.Count == 0);
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

                var id = (string)next.Entries.Dequeue().Element!;
                if (seen.Add(id))
                {
                    yield return id;
                }
            }
        }
    }

    private async Task FillAsync(Cursor cursor, DateTimeOffset from, DateTimeOffset to, bool newestFirst)
    {
        var entries = await store.RunAsync(database => database.SortedSetRangeByScoreWithScoresAsync(
            cursor.Key, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds() - 1, Exclude.None, newestFirst ? Order.Descending : Order.Ascending, cursor.Read, Page));
        cursor.Read += entries.Length;
        cursor.IsAtEnd = entries.Length < Page;
        foreach (var entry in entries)
        {
            cursor.Entries.Enqueue(entry);
        }
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

        public int Read { get; set; }

        public bool IsAtEnd { get; set; }

        public bool NeedsMore => Entries.Count == 0 && !IsAtEnd;

        public bool IsBefore(Cursor other, bool newestFirst)
        {
            var (mine, its) = (Entries.Peek(), other.Entries.Peek());
            var order = mine.Score == its.Score ? string.CompareOrdinal(mine.Element, its.Element) : mine.Score.CompareTo(its.Score);
            return newestFirst ? order > 0 : order < 0;
        }
    }
}
