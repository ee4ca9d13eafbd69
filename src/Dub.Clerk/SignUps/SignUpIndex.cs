using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.SignUps;

/// <summary>Counts and lists sign-ups by what became of them.</summary>
/// <remarks>A sign-up is an account that Clerk has told us of, at the time it was created; and, as long as it waits for that, a click that a
/// signed-in request brought, at the time it did. Who came signed in, but without a click, and whose account is not known, is not one: old
/// accounts do that.</remarks>
internal sealed class SignUpIndex(StoreConnection store, TimeProvider time)
{
    /// <summary>Between the ranges of two reasons. Above all times, in ms; the index's scores are exact up to 2^53.</summary>
    private const long Range = 1L << 42;

    /// <summary>Every place a sign-up can be in; <see cref="NoLeadReason.None"/> has those that are leads.</summary>
    public static readonly IReadOnlyList<NoLeadReason> Places = [.. Enum.GetValues<NoLeadReason>().Where(reason => reason != NoLeadReason.UnknownUser)];

    /// <summary>How many sign-ups of a time are in each place.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyDictionary<NoLeadReason, long>> CountAsync(DateTimeOffset from, DateTimeOffset to)
    {
        var counts = await Task.WhenAll(Places.Select(place => CountAsync(place, from, to)));
        return Places.Zip(counts).ToDictionary(count => count.First, count => count.Second);
    }

    /// <summary>How many sign-ups of a time are in a place.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<long> CountAsync(NoLeadReason place, DateTimeOffset from, DateTimeOffset to)
    {
        if (Scores(place, from, to) is not var (first, last))
        {
            return 0;
        }

        var counts = await store.RunAsync(database => Task.WhenAll(Partitions.Select(partition => database.SortedSetLengthAsync(Key(partition), first, last, flags: CommandFlags.DemandMaster))));
        return counts.Sum();
    }

    /// <summary>The sign-ups of a time that are in a place, newest first.</summary>
    /// <param name="place">Which place.</param>
    /// <param name="from">From this time.</param>
    /// <param name="to">Before this time.</param>
    /// <param name="after">The last one that was read, to go on from there.</param>
    /// <param name="take">At most so many.</param>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<IndexedSignUp>> ListAsync(NoLeadReason place, DateTimeOffset from, DateTimeOffset to, IndexedSignUp? after, int take)
    {
        if (Scores(place, from, to) is not var (first, last))
        {
            return [];
        }

        var found = await Task.WhenAll(Partitions.Select(partition => ListAsync(partition, place, first, last, after, take)));
        return [.. found.SelectMany(one => one).Order(IndexedSignUp.NewestFirst).Take(take)];
    }

    private async Task<IReadOnlyList<IndexedSignUp>> ListAsync(int partition, NoLeadReason place, long first, long last, IndexedSignUp? after, int take)
    {
        var found = new List<IndexedSignUp>();
        last = after is null ? last : Math.Min(last, Score(place, after.At));
        for (var skip = 0; ; skip += take)
        {
            var read = await store.RunAsync(database => database.SortedSetRangeByScoreWithScoresAsync(
                Key(partition), first, last, order: Order.Descending, skip: skip, take: take, flags: CommandFlags.DemandMaster));
            found.AddRange(read.Select(entry => new IndexedSignUp((string)entry.Element!, DateTimeOffset.FromUnixTimeMilliseconds((long)entry.Score % Range)))
                .Where(one => after is null || IndexedSignUp.NewestFirst.Compare(one, after) > 0));
            if (found.Count >= take || read.Length < take)
            {
                return found;
            }
        }
    }

    /// <summary>The first and last score of a place and time; null where nothing can be.</summary>
    private (long First, long Last)? Scores(NoLeadReason place, DateTimeOffset from, DateTimeOffset to)
    {
        if (place == NoLeadReason.AwaitingWebhook && time.GetUtcNow() - SignUpJoin.HalfRetention is var kept && from <= kept)
        {
            // The store has forgotten older ones.
            from = kept.AddMilliseconds(1);
        }

        return from < to ? (Score(place, from), Score(place, to) - 1) : null;
    }

    /// <summary>Where a sign-up stands, as <c>signup-index.lua</c> has it too.</summary>
    public static long Score(NoLeadReason place, DateTimeOffset at) => ((int)place * Range) + Math.Clamp(at.ToUnixTimeMilliseconds(), 0, Range - 1);

    private static IEnumerable<int> Partitions => Enumerable.Range(0, StoreKeys.Partitions);

    private RedisKey Key(int partition) => store.Keys.SignUpIndex(partition);
}

/// <summary>A sign-up and its time.</summary>
internal sealed record IndexedSignUp(string UserId, DateTimeOffset At)
{
    public static readonly IComparer<IndexedSignUp> NewestFirst = Comparer<IndexedSignUp>.Create(
        (x, y) => y.At.CompareTo(x.At) is not 0 and var order ? order : string.CompareOrdinal(y.UserId, x.UserId));
}
