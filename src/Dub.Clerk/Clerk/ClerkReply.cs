namespace Dub.Clerk.Clerk;

/// <summary>What a call to Clerk came to.</summary>
internal enum ClerkOutcome
{
    /// <summary>Done.</summary>
    Accepted,

    /// <summary>404: there is no such user, any more.</summary>
    NotFound,

    /// <summary>401 or 403: the secret key is wrong or revoked.</summary>
    Unauthorized,

    /// <summary>Not sent, because the rate allows none now; or 429.</summary>
    RateLimited,

    /// <summary>Another 4xx: what we send will never be taken.</summary>
    Refused,

    /// <summary>Not sent, because Clerk is away.</summary>
    Unavailable,

    /// <summary>5xx, no answer in time, no connection. What we send may be repeated, so it does not matter whether it arrived.</summary>
    Failed,
}

/// <summary>What Clerk answered.</summary>
/// <param name="Outcome">What it came to.</param>
/// <param name="Detail">The status, or what went wrong.</param>
internal sealed record ClerkReply(ClerkOutcome Outcome, string Detail)
{
    /// <summary>The accounts in the answer.</summary>
    public IReadOnlyList<ClerkAccount> Accounts { get; init; } = [];

    /// <summary>When it makes sense to call again.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}
