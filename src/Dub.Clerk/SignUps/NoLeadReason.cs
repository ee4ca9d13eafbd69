namespace Dub.Clerk.SignUps;

/// <summary>Why a sign-up is not a lead, or not yet.</summary>
public enum NoLeadReason
{
    /// <summary>There is a lead.</summary>
    None,

    /// <summary>Nothing is known of the user: Clerk's <c>user.created</c> webhook has not come, and no request carried a click.</summary>
    UnknownUser,

    /// <summary>The browser brought a click; Clerk's <c>user.created</c> webhook has not come yet.</summary>
    AwaitingWebhook,

    /// <summary>Both halves are known; the decision is being made, and made again if it failed.</summary>
    Deciding,

    /// <summary>Dub is being asked whether the click exists.</summary>
    ProvingClick,

    /// <summary>No signed-in request carried a click, and none was in the account's metadata.</summary>
    NoClick,

    /// <summary>The account was older than <see cref="DubClerkOptions.NewAccountWindow"/> when the click was first seen.</summary>
    ExistingUser,

    /// <summary>The click was more than 90 days older than the account.</summary>
    OutsideWindow,

    /// <summary>The click happened after the account was created.</summary>
    ClickAfterSignUp,

    /// <summary>What the browser or the metadata carried cannot be a click id.</summary>
    InvalidClickId,

    /// <summary>No such click was recorded.</summary>
    UnknownClick,

    /// <summary>The visitor did not agree to attribution.</summary>
    NoConsent,

    /// <summary>The app refused the lead.</summary>
    RefusedByApp,
}
