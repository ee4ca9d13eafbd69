namespace Dub.Clerk.SignUps;

/// <summary>How reasons are written in the store and on the wire, and what they mean in a sentence.</summary>
internal static class NoLeadReasonText
{
    private static readonly (NoLeadReason Reason, string Code, string Sentence)[] All =
    [
        (NoLeadReason.UnknownUser, "unknown-user", "Nothing is known of this user: Clerk's user.created webhook has not arrived, and no request carried a click."),
        (NoLeadReason.AwaitingWebhook, "awaiting-webhook", "The click is kept; Clerk's user.created webhook has not arrived yet."),
        (NoLeadReason.Deciding, "deciding", "Everything is known; the decision is being made, and made again if it failed."),
        (NoLeadReason.ProvingClick, "proving-click", "The click is not one we recorded; Dub is being asked whether it exists."),
        (NoLeadReason.NoClick, "no-click", "No request of this user carried a click."),
        (NoLeadReason.ExistingUser, "existing-user", "The account existed before this visit; only new accounts become leads."),
        (NoLeadReason.OutsideWindow, "outside-window", "The click was more than 90 days older than the account."),
        (NoLeadReason.ClickAfterSignUp, "click-after-sign-up", "The click came after the account was created, so it did not bring the user."),
        (NoLeadReason.InvalidClickId, "invalid-click-id", "What came as a click id cannot be one."),
        (NoLeadReason.UnknownClick, "unknown-click", "No such click was recorded."),
        (NoLeadReason.NoConsent, "no-consent", "The visitor did not agree to attribution."),
        (NoLeadReason.RefusedByApp, "refused-by-app", "The app refused the lead."),
    ];

    public static string Code(this NoLeadReason reason) => Find(reason).Code;

    public static string Sentence(this NoLeadReason reason) => Find(reason).Sentence;

    /// <summary>The reason with this code; <see cref="NoLeadReason.None"/> for one that a newer version wrote.</summary>
    public static NoLeadReason Parse(string? code) => Array.Find(All, entry => entry.Code == code).Reason;

    private static (NoLeadReason Reason, string Code, string Sentence) Find(NoLeadReason reason)
        => Array.Find(All, entry => entry.Reason == reason) is { Code: not null } found ? found : (reason, string.Empty, string.Empty);
}
