namespace Dub.Clerk.Dub;

/// <summary>What a call to Dub came to.</summary>
internal enum DubOutcome
{
    /// <summary>Done. For a lead: <c>link</c> was there.</summary>
    Accepted,

    /// <summary>Answered with 200 and <c>link: null</c>: Dub's key for this lead was taken before, whether or not the lead was recorded.</summary>
    Duplicate,

    /// <summary>404: for a lead, Dub does not know the click, or its link takes no leads. A call that is not deferred has taken the key all the same.</summary>
    NotFound,

    /// <summary>422 on one optional field.</summary>
    FieldRefused,

    /// <summary>400 or 422: what we send will never be taken.</summary>
    Refused,

    /// <summary>401 or 403: the key is wrong, revoked, or lacks the plan. Nothing has happened.</summary>
    Unauthorized,

    /// <summary>Not sent, because the rate allows none now; or 429. Nothing has happened.</summary>
    RateLimited,

    /// <summary>Not sent, because Dub is away.</summary>
    Unavailable,

    /// <summary>Never arrived: no connection.</summary>
    NotSent,

    /// <summary>Sent, and it is not known what it did: 5xx, time-out, a connection that broke, an answer that cannot be read.</summary>
    Failed,
}

/// <summary>What Dub answered.</summary>
/// <param name="Outcome">What it came to.</param>
/// <param name="Detail">For the person who looks: the status or what went wrong, and Dub's message; at most 200 characters.</param>
internal sealed record DubReply(DubOutcome Outcome, string Detail)
{
    /// <summary>The link the lead was credited to.</summary>
    public DubLink? Link { get; init; }

    /// <summary>The field that was refused.</summary>
    public string? Field { get; init; }

    /// <summary>When it makes sense to call again.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}

/// <summary>A link as Dub describes it in a reply.</summary>
internal sealed record DubLink(string Id, string Domain, string Key, string? ShortLink, string? Url);
