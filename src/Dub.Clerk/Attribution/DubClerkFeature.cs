using Dub.Clerk.SignUps;

namespace Dub.Clerk.Attribution;

internal sealed record DubClerkFeature(AttributionOutcome Outcome, string? UserId = null, string? ClickId = null, SignUpStatus? SignUp = null) : IDubClerkFeature
{
    /// <summary>Shared by all anonymous requests without a click, so that they allocate nothing.</summary>
    public static readonly DubClerkFeature Anonymous = new(AttributionOutcome.NotSignedIn);
}
