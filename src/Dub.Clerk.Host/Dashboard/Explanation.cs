using Dub.Clerk.Conversions;
using Dub.Clerk.SignUps;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>Why there is or is not a lead, in words.</summary>
/// <param name="Verdict">How it stands.</param>
/// <param name="Headline">The answer.</param>
/// <param name="Because">What it rests on, a sentence each.</param>
/// <param name="Next">What somebody could do; null where nothing is to be done.</param>
internal sealed record Explanation(SignUpState Verdict, string Headline, IReadOnlyList<string> Because, string? Next = null)
{
    /// <param name="signUp">As it is stored; null when nothing is known of the user.</param>
    /// <param name="status">What it comes to.</param>
    /// <param name="clicks">Those of its clicks that are known.</param>
    /// <param name="leads">How many leads the customer has.</param>
    /// <param name="options">The settings in force.</param>
    public static Explanation Of(SignUpRecord? signUp, SignUpStatus? status, IReadOnlyDictionary<string, Click> clicks, int leads, DubClerkOptions options)
    {
        if (signUp is null || status is null)
        {
            return leads > 0
                ? new(SignUpState.Tracked, "There is a lead, and no sign-up.", ["It was recorded by a call to /track/lead or by the app itself, not by the join of a Clerk user with a click."])
                : new(SignUpState.Pending, "Nothing is known of this user.", ["No webhook told of the account, and no signed-in request carried a click."],
                    "Check the id. If the account is real, see under Setup whether Clerk's webhooks arrive, and send its user.created again from Clerk's dashboard.");
        }

        var considered = status.ClickId is { } id ? clicks.GetValueOrDefault(id) : null;
        List<string> facts = [.. Facts(signUp, status, considered)];
        return status.State == SignUpState.Tracked
            ? new(SignUpState.Tracked, "There is a lead.", facts)
            : Without(signUp, status, considered, facts, options, leads);
    }

    private static Explanation Without(
        SignUpRecord signUp, SignUpStatus status, Click? click, List<string> facts, DubClerkOptions options, int leads)
    {
        var (headline, reason, next) = status.Reason switch
        {
            NoLeadReason.AwaitingWebhook => ("Not yet: Clerk's webhook has not come.", "The click waits for the account's user.created, for 30 days at the most.",
                options.ClerkSecretKey is null
                    ? "See under Setup whether webhooks arrive, and send the event again from Clerk's dashboard. With CLERK_SECRET_KEY the account would be looked up."
                    : $"Clerk is asked for the account {Spoken.Span(options.WebhookPatience)} after the click was seen."),
            NoLeadReason.Deciding => ("Not yet: it is being decided.", "Both halves are there. A decision that failed is made again by itself.", "See under Deliveries what keeps it."),
            NoLeadReason.ProvingClick => ("Not yet: Dub is being asked.", "The click was not recorded here, so it counts when Dub says that it exists.", "See under Deliveries how far that is."),
            NoLeadReason.NoClick when status.State == SignUpState.Pending => ("Not yet: no click has been seen.",
                $"A signed-in request that carries one counts until {Spoken.Span(options.NewAccountWindow)} after the account's creation.",
                "If the visitor came by a link, see that the link tracks conversions and that your app calls the host with the dub_id cookie after signing up."),
            NoLeadReason.NoClick => ("No lead: there was no click.",
                $"No request carried one within {Spoken.Span(options.NewAccountWindow)} of the account's creation, and none was in its metadata.", null),
            NoLeadReason.ExistingUser => ("No lead: the user was there before.",
                $"The first signed-in request with a click came {After(signUp.CreatedAt, signUp.BrowserSeenAt)} the account was created; up to {Spoken.Span(options.NewAccountWindow)} would have counted.", null),
            NoLeadReason.OutsideWindow => ("No lead: the click is too old.",
                $"It was made {Before(click?.Timestamp, signUp.CreatedAt)} the account; 90 days at the most count.", null),
            NoLeadReason.ClickAfterSignUp => ("No lead: the click came after the sign-up.",
                $"It was made {After(signUp.CreatedAt, click?.Timestamp)} the account was created, so it did not bring the user.", null),
            NoLeadReason.InvalidClickId => ("No lead: what came is no click id.",
                "A click id is 16 letters and digits. What the browser or the metadata carried is not, and is not kept.",
                "See who writes the dub_id cookie: it is Dub's script, ours, or the server."),
            NoLeadReason.UnknownClick => ("No lead: nobody knows the click.",
                options.DubApiKey is null ? "No click with this id was recorded here." : "It was recorded neither here nor at Dub, or longer ago than clicks are kept.",
                options.DubApiKey is null ? "If your links are Dub's, set DUB_API_KEY: Dub is then asked." : null),
            NoLeadReason.NoConsent => ("No lead: the visitor did not agree.", "Your app's HasConsent said so, and then no click is read.", null),
            NoLeadReason.RefusedByApp => ("No lead: your app refused it.", status.Detail is { } said ? $"It said: {said}" : "Its OnLead said so.", null),
            _ => ("No lead.", "The reason is one that a newer version wrote.", null),
        };
        var others = leads > 0 ? new[] { $"{Spoken.Count(leads, "lead")} of another kind is recorded for this customer." } : [];
        return new(status.State, headline, [reason, .. facts, .. others], next);
    }

    private static IEnumerable<string> Facts(SignUpRecord signUp, SignUpStatus status, Click? click)
    {
        if (status.State == SignUpState.Tracked && signUp.CreatedAt is { } createdAt && click is { FromDub: false })
        {
            yield return $"The click on {click.Domain}/{click.Key} came {Before(click.Timestamp, createdAt)} the account.";
        }
        else if (status.State == SignUpState.Tracked && click is { FromDub: true })
        {
            yield return "Dub knows the click.";
        }

        if (status.ClickId is { } id && id == signUp.MetadataClick)
        {
            yield return "The click was in the account's unsafe_metadata when it was created.";
        }
        else if (status.ClickId is not null && signUp is { BrowserSeenAt: { } seenAt, CreatedAt: { } created } && status.Reason != NoLeadReason.ExistingUser)
        {
            yield return $"A signed-in request brought it {After(created, seenAt)} the account was created.";
        }
    }

    private static string After(DateTimeOffset? from, DateTimeOffset? to) => from is { } a && to is { } b ? $"{Spoken.Span(b - a)} {(b < a ? "before" : "after")}" : "after";

    private static string Before(DateTimeOffset? from, DateTimeOffset? to) => from is { } a && to is { } b ? $"{Spoken.Span(b - a)} {(b < a ? "after" : "before")}" : "before";
}
