using Dub.Clerk.SignUps;

namespace Dub.Clerk.Attribution;

/// <summary>What <c>UseDubClerk</c> knows of a request, for the app to read:
/// <c>context.Features.Get&lt;IDubClerkFeature&gt;()</c>.</summary>
public interface IDubClerkFeature
{
    /// <summary>What was done for this request.</summary>
    AttributionOutcome Outcome { get; }

    /// <summary>The signed-in Clerk user, <c>user_…</c>; null when nobody is signed in.</summary>
    string? UserId { get; }

    /// <summary>The click of this request: from the session token's claim, the address or the cookie. Null when there is none that can be
    /// one. Whoever sends a request chooses its cookie: this is a hint until a lead is recorded.</summary>
    string? ClickId { get; }

    /// <summary>Where the user's sign-up stands, as far as this request asked; null when it did not.</summary>
    SignUpStatus? SignUp { get; }
}
