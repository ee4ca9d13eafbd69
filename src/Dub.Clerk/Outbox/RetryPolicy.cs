namespace Dub.Clerk.Outbox;

/// <summary>When failed work is tried again: after 5 seconds, doubling to 6 hours, give or take a quarter so that what failed together does not
/// come back together; given up after 25 that failed in a row, which take about three and a half days.</summary>
internal static class RetryPolicy
{
    public const int MaxAttempts = 25;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(6);

    /// <param name="failures">How many have failed in a row, from 1.</param>
    /// <param name="jitter">From 0 to 1.</param>
    public static TimeSpan DelayAfter(int failures, double jitter)
    {
        var nominal = First * Math.Pow(2, Math.Min(failures - 1, 30));
        return (nominal < Longest ? nominal : Longest) * (0.75 + (jitter / 2));
    }
}
