namespace Dub.Clerk.Attribution;

/// <summary>What <c>UseDubClerk</c> did for a request.</summary>
public enum AttributionOutcome
{
    /// <summary>Nobody is signed in with Clerk.</summary>
    NotSignedIn,

    /// <summary>The session token says already which click the user came by. Nothing was asked of the store.</summary>
    AlreadyKnown,

    /// <summary>The request carried no click. Nothing was asked of the store.</summary>
    NoClick,

    /// <summary>The request carried a click, and the sign-up was asked about it. <see cref="IDubClerkFeature.SignUp"/> has the answer.</summary>
    Recorded,

    /// <summary>The same user and click were recorded a moment ago. Nothing was asked of the store.</summary>
    RecordedBefore,

    /// <summary>The request carried a click, but the store did not answer. The cookie stays, and the next request tries again.</summary>
    StoreUnavailable,
}
