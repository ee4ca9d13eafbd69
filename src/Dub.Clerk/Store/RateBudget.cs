using System.Globalization;
using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>Spreads the calls of all hosts to a service evenly over time, so that its limit is used and never exceeded.</summary>
/// <param name="store">What the hosts share.</param>
/// <param name="service">Whose limit it is.</param>
/// <param name="perMinute">The limit.</param>
/// <param name="time">The clock.</param>
/// <param name="longestWait">How long a caller waits for its place at the most: well within its lease.</param>
internal sealed class RateBudget(StoreConnection store, string service, Func<int> perMinute, TimeProvider time, TimeSpan longestWait)
{
    /// <summary>The share of the limit that is used: calls do not arrive as evenly as they are sent, and the service counts arrivals.</summary>
    private const double Share = 0.98;

    /// <summary>How late a place may be taken: a busy moment is made up for, a pause is not, so that no stretch of time has more than its share.</summary>
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(0.5);

    /// <summary>How long what a service said of its limit is believed: it may be changed there, with the plan.</summary>
    private static readonly TimeSpan Learned = TimeSpan.FromHours(24);

    /// <summary>No service means to refuse for longer; a reset further away is not understood.</summary>
    private static readonly TimeSpan LongestBlock = TimeSpan.FromMinutes(10);

    private static readonly StoreScript Take = new("budget-take-1", fleeting: true);
    private static readonly StoreScript Lower = new("budget-lower-1", fleeting: true);

    /// <summary>Waits for the next place.</summary>
    /// <returns>Null when it is there; else when it makes sense to ask again.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async ValueTask<DateTimeOffset?> AcquireAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var result = (RedisValue[])(await Take.RunAsync(
            store, [store.Keys.Budget(service)],
            [now.ToUnixTimeMilliseconds(), Interval(perMinute()), (long)longestWait.TotalMilliseconds, (long)CatchUp.TotalMilliseconds]))!;
        var wait = TimeSpan.FromMilliseconds(double.Parse((string)result[1]!, CultureInfo.InvariantCulture));
        if ((int)result[0] == 0)
        {
            return now + wait;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }

        return null;
    }

    /// <summary>The service refused a call for its rate.</summary>
    /// <param name="reset">When it takes calls again, as far as it said.</param>
    /// <param name="limit">Its limit per minute, where it said so.</param>
    /// <returns>When the next call may be made.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<DateTimeOffset> RefusedAsync(DateTimeOffset? reset, int? limit)
    {
        var now = time.GetUtcNow();
        var until = reset is { } at && at > now ? at : now + TimeSpan.FromSeconds(5);
        until = until < now + LongestBlock ? until : now + LongestBlock;
        await Lower.RunAsync(
            store, [store.Keys.Budget(service)],
            [
                until.ToUnixTimeMilliseconds(), limit is > 0 && limit < perMinute() ? Interval(limit.Value) : RedisValue.EmptyString,
                (now + Learned).ToUnixTimeMilliseconds(),
            ]);
        return until;
    }

    private static string Interval(int perMinute) => (60_000 / (perMinute * Share)).ToString("F3", CultureInfo.InvariantCulture);
}
