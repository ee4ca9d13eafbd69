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

    /// <summary>The request carried a click, which is durable now. <see cref="IDubClerkFeature.SignUp"/> has the verdict, unless that takes
    /// longer.</summary>
    Recorded,

    /// <summary>The same user and click were recorded a moment ago. Nothing was asked of the store.</summary>
    RecordedBefore,

    /// <summary>Somebody else is signed in as this user (the token's <c>act</c> claim). The click would be theirs, so nothing is done.</summary>
    Impersonation,

    /// <summary>The request carried a click, but the store did not answer. The cookie stays, and the next request tries again.</summary>
    StoreUnavailable,
}
