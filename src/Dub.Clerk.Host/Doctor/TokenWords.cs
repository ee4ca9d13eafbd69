using Dub.Clerk.Authentication;

namespace Dub.Clerk.Host.Doctor;

/// <summary>What the library's verdict on a session token means to the person who set things up.</summary>
internal static class TokenWords
{
    private const string SameInstance = "Take the token and CLERK_PUBLISHABLE_KEY (and CLERK_JWT_KEY) from one instance.";
    private const string TakeSession = "Take the session token: await window.Clerk.session.getToken(), without a template.";

    /// <param name="outcome">The verdict.</param>
    /// <param name="party">The origin that the token was issued to.</param>
    /// <param name="options">What is accepted.</param>
    public static Finding Of(SessionTokenOutcome outcome, string? party, DubClerkOptions options) => outcome switch
    {
        SessionTokenOutcome.Valid => Finding.Ok(party is null ? "The token is accepted; it was issued to no origin." : $"The token is accepted; it was issued to {party}."),
        SessionTokenOutcome.KeyUnknown or SessionTokenOutcome.IssuerWrong => Finding.Fault("The token is of another Clerk instance than CLERK_PUBLISHABLE_KEY.", SameInstance),
        SessionTokenOutcome.SignatureInvalid => Finding.Fault("The token was not signed by the instance's key, or was changed since.", SameInstance),
        SessionTokenOutcome.AuthorizedPartyNotAllowed => Finding.Fault(
            $"The token was issued to {party ?? "an origin"}, which is not in DubClerk:AuthorizedParties ({string.Join(", ", options.AuthorizedParties)}).", $"Add {party ?? "your app's origin"} there, if it is yours."),
        SessionTokenOutcome.AuthorizedPartyMissing => Finding.Fault(
            "The token was issued to no origin, as those of native apps and of Clerk's Backend API are.", "Set DubClerk__AllowMissingAuthorizedParty to true, if you have a native app."),
        SessionTokenOutcome.CategoryNotSession or SessionTokenOutcome.SessionIdMissing or SessionTokenOutcome.TypeNotAllowed or SessionTokenOutcome.SubjectNotUser
            => Finding.Fault("The token is of another kind: from a JWT template, or for a machine.", TakeSession),
        SessionTokenOutcome.NotYetValid or SessionTokenOutcome.IssuedInFuture => Finding.Fault("The token holds only from a time on that is ahead of this machine's clock.", "Set this machine's clock by NTP (timedatectl set-ntp true)."),
        SessionTokenOutcome.Expired => Finding.Note("The token has run out.", TakeSession),
        SessionTokenOutcome.SessionPending => Finding.Fault("The user has signed up and has a task to finish before being signed in.", "Finish it, such as choosing an organization, and take a new token."),
        SessionTokenOutcome.TooLong => Finding.Fault("The token is longer than 8 KB; no cookie holds it.", "Make the custom claims smaller, in the Clerk Dashboard under Sessions."),
        SessionTokenOutcome.ShapeWrong or SessionTokenOutcome.EncodingWrong or SessionTokenOutcome.HeaderMalformed
            => Finding.Fault("What was given is no session token, or a piece of one.", TakeSession),
        _ => Finding.Fault($"The token is refused ({outcome}).", TakeSession),
    };
}
