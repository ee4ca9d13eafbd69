namespace Dub.Clerk.Outbox;

/// <summary>One call that was made for a delivery.</summary>
/// <param name="At">When.</param>
/// <param name="Call">Which, such as <c>deferred</c>.</param>
/// <param name="Outcome">What it came to.</param>
/// <param name="Detail">The status and what the service said.</param>
internal sealed record DeliveryAttempt(DateTimeOffset At, string Call, string Outcome, string? Detail)
{
    /// <summary>How many of a delivery are kept: its first ones and its last ones tell the story.</summary>
    private const int Kept = 40;

    /// <summary>A history with one more attempt; in a long one the middle is left out.</summary>
    public static IReadOnlyList<DeliveryAttempt> Add(IReadOnlyList<DeliveryAttempt> history, DeliveryAttempt attempt)
        => history.Count < Kept ? [.. history, attempt] : [.. history.Take(Kept / 2), .. history.Skip((Kept / 2) + 1), attempt];
}
