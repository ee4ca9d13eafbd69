namespace Dub.Clerk.SignUps;

/// <summary>Where a sign-up stands.</summary>
public enum SignUpState
{
    /// <summary>Something that may still come is missing: Clerk's webhook, or a click.</summary>
    Pending,

    /// <summary>The sign-up is a recorded lead.</summary>
    Tracked,

    /// <summary>There is no lead; <see cref="SignUpStatus.Reason"/> says why.</summary>
    NotAttributed,
}
