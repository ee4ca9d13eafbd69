using Dub.Clerk.SignUps;

namespace Dub.Clerk.Host.Dashboard.Numbers;

/// <summary>What may become of a sign-up: in an address, in a word, in a sentence.</summary>
internal static class Places
{
    private const string Lead = "lead";

    public static string Code(NoLeadReason place) => place == NoLeadReason.None ? Lead : place.Code();

    /// <summary>Null where there is none of that name.</summary>
    public static NoLeadReason? Parse(string code)
        => code == Lead ? NoLeadReason.None : NoLeadReasonText.Parse(code) is var place and not (NoLeadReason.None or NoLeadReason.UnknownUser) ? place : null;

    public static string Title(NoLeadReason place) => place switch
    {
        NoLeadReason.None => "Became a lead",
        NoLeadReason.AwaitingWebhook => "Waiting for Clerk's webhook",
        NoLeadReason.Deciding => "Being decided",
        NoLeadReason.ProvingClick => "Dub is being asked",
        NoLeadReason.NoClick => "No click",
        NoLeadReason.ExistingUser => "Existing user",
        NoLeadReason.OutsideWindow => "Click too old",
        NoLeadReason.ClickAfterSignUp => "Click after the sign-up",
        NoLeadReason.InvalidClickId => "No click id",
        NoLeadReason.UnknownClick => "Unknown click",
        NoLeadReason.NoConsent => "No consent",
        NoLeadReason.RefusedByApp => "Refused by your app",
        _ => "A reason that a newer version wrote",
    };

    public static string Sentence(NoLeadReason place) => place == NoLeadReason.None ? "A lead is recorded, credited to a click." : place.Sentence();
}
