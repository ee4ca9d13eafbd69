namespace Dub.Clerk.SignUps;

/// <summary>Why a sign-up is not a lead, or not yet.</summary>
/// <remarks>The numbers are part of the stored format.</remarks>
public enum NoLeadReason
{
    /// <summary>There is a lead.</summary>
    None = 0,

    /// <summary>Nothing is known of the user: Clerk's <c>user.created</c> webhook has not come, and no request carried a click.</summary>
    UnknownUser = 1,

    /// <summary>The browser brought a click; Clerk's <c>user.created</c> webhook has not come yet.</summary>
    AwaitingWebhook = 2,

    /// <summary>Both halves are known; the decision is being made, and made again if it failed.</summary>
    Deciding = 3,

    /// <summary>Dub is being asked whether the click exists.</summary>
    ProvingClick = 4,

    /// <summary>No signed-in request carried a click, and none was in the account's metadata.</summary>
    NoClick = 5,

    /// <summary>The account was older than <see cref="DubClerkOptions.NewAccountWindow"/> when the click was first seen.</summary>
    ExistingUser = 6,

    /// <summary>The click was more than 90 days older than the account.</summary>
    OutsideWindow = 7,

    /// <summary>The click happened after the account was created.</summary>
    ClickAfterSignUp = 8,

    /// <summary>What the browser or the metadata carried cannot be a click id.</summary>
    InvalidClickId = 9,

    /// <summary>No such click was recorded.</summary>
    UnknownClick = 10,

    /// <summary>The visitor did not agree to attribution.</summary>
    NoConsent = 11,

    /// <summary>The app refused the lead.</summary>
    RefusedByApp = 12,
}
