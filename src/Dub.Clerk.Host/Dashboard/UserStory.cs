using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Api;
using Dub.Clerk.SignUps;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>What is known of one user.</summary>
internal sealed record UserStory
{
    public required string UserId { get; init; }

    /// <summary>Null when nobody has told of the user.</summary>
    public required SignUpRecord? SignUp { get; init; }

    public required Customer? Customer { get; init; }

    /// <summary>Those of the sign-up and the customer that are known, by id.</summary>
    public required IReadOnlyDictionary<string, Click> Clicks { get; init; }

    public required IReadOnlyList<LeadEvent> Leads { get; init; }

    public required IReadOnlyList<DeliveryResponse> Deliveries { get; init; }

    public required Explanation Explanation { get; init; }

    public string? Name => Customer?.Name ?? SignUp?.Name;

    public string? Email => Customer?.Email ?? SignUp?.Email;

    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<Moment> Moments => [.. Happened().OrderBy(moment => moment.At)];

    private IEnumerable<Moment> Happened()
    {
        foreach (var click in Clicks.Values)
        {
            // When a click of Dub's was made is not known: at the latest when the account was.
            var when = click.FromDub ? " or before" : string.Empty;
            yield return new(click.Timestamp, $"Clicked {click.Domain}/{click.Key}{when}", $"{click.Id}, {(click.FromDub ? "a link of Dub's" : $"to {click.Url}")}");
        }

        if (SignUp?.CreatedAt is { } createdAt)
        {
            var brought = SignUp.MetadataClick is { } click ? $", with the click {click} in its metadata" : string.Empty;
            yield return new(createdAt, "Account created at Clerk", $"Clerk's half of the join{brought}");
        }

        if (SignUp?.BrowserSeenAt is { } seenAt)
        {
            yield return new(seenAt, "First signed-in request that carried a click",
                SignUp.BrowserClick is { } seen ? $"The browser's half of the join: {seen}" : SignUp.BrowserNote.Sentence());
        }

        if (SignUp?.DecidedAt is { } decidedAt && !SignUp.IsTracked)
        {
            yield return new(decidedAt, "Decided: no lead", SignUp.Reason.Sentence());
        }

        foreach (var lead in Leads)
        {
            yield return new(lead.Timestamp, $"Lead recorded: {lead.EventName}", $"{lead.Id}, credited to the click {lead.Click.Id}");
        }

        if (Customer?.FirstSaleAt is { } soldAt)
        {
            yield return new(soldAt, "First sale", $"{Spoken.Count(Customer.Sales, "sale")} so far, {Spoken.Dollars(Customer.SaleAmount)}");
        }
    }
}

/// <summary>Something that happened.</summary>
internal sealed record Moment(DateTimeOffset At, string What, string Detail);
