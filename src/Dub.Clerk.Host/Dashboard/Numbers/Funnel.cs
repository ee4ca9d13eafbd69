using Dub.Clerk.Analytics;
using Dub.Clerk.SignUps;

namespace Dub.Clerk.Host.Dashboard.Numbers;

/// <summary>From clicks to sales, and where sign-ups were lost.</summary>
internal sealed record Funnel
{
    /// <summary>Clicks, leads and sales, as the API counts them.</summary>
    public required Totals Totals { get; init; }

    /// <summary>How many sign-ups there were, by what became of them; null for one link: sign-ups that brought no click belong to none.</summary>
    public required IReadOnlyDictionary<NoLeadReason, long>? SignUps { get; init; }

    /// <summary>Of those without a click, how many are so young that one may still come.</summary>
    public long MayStillClick { get; init; }

    /// <summary>Leads that have not reached Dub, of whatever time: on their way, and given up.</summary>
    public (long Waiting, long Dead) AtDub { get; init; }

    public bool IsEmpty => Totals == default && (SignUps is null || SignUps.Values.All(count => count == 0));

    public long Became => SignUps?.GetValueOrDefault(NoLeadReason.None) ?? 0;

    /// <summary>Why sign-ups are no leads, most first.</summary>
    public IEnumerable<(NoLeadReason Reason, long Count)> Losses
        => (SignUps ?? new Dictionary<NoLeadReason, long>()).Where(place => place.Key != NoLeadReason.None && place.Value > 0)
            .OrderByDescending(place => place.Value).ThenBy(place => place.Key).Select(place => (place.Key, place.Value));

    public IReadOnlyList<FunnelStep> Steps
    {
        get
        {
            var steps = new List<FunnelStep> { new("Clicks", Totals.Clicks, null) };
            if (SignUps is not null)
            {
                steps.Add(new("Sign-ups", SignUps.Values.Sum(), steps[^1]));
            }

            steps.Add(new("Leads", Totals.Leads, steps[^1]));
            steps.Add(new("Sales", Totals.Sales, steps[^1]));
            return steps;
        }
    }
}

/// <summary>A step of the funnel.</summary>
/// <param name="Name">What is counted.</param>
/// <param name="Count">How much of it.</param>
/// <param name="Before">The step it follows from; null for the first.</param>
internal sealed record FunnelStep(string Name, long Count, FunnelStep? Before)
{
    /// <summary>Those who were lost on the way here. Where more came than before (a sign-up without a click, a second sale) there is no such number.</summary>
    public long? Lost => Before is { } before && before.Count >= Count ? before.Count - Count : null;
}
