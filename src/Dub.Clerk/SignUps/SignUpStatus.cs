namespace Dub.Clerk.SignUps;

/// <summary>What is known of one user's sign-up.</summary>
public sealed record SignUpStatus
{
    internal SignUpStatus(SignUpState state, NoLeadReason reason)
    {
        State = state;
        Reason = reason;
    }

    /// <summary>Where the sign-up stands.</summary>
    public SignUpState State { get; }

    /// <summary>Why there is no lead, or not yet.</summary>
    public NoLeadReason Reason { get; }

    /// <summary>What the app said when it refused the lead.</summary>
    public string? Detail { get; internal init; }

    /// <summary>The click the lead is credited to, or the one that was considered.</summary>
    public string? ClickId { get; internal init; }

    /// <summary>The lead's event id, when there is one.</summary>
    public string? LeadId { get; internal init; }

    /// <summary>When the account was created, as far as Clerk has told us.</summary>
    public DateTimeOffset? CreatedAt { get; internal init; }

    /// <summary>When a signed-in request first carried the click.</summary>
    public DateTimeOffset? ClickSeenAt { get; internal init; }

    /// <summary>When it was decided.</summary>
    public DateTimeOffset? DecidedAt { get; internal init; }
}
