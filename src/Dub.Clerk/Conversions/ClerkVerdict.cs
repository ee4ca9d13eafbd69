using Dub.Clerk.Clerk;
using Dub.Clerk.Outbox;

namespace Dub.Clerk.Conversions;

/// <summary>What an answer of Clerk's means for the outbox, where it means the same for every kind of work.</summary>
internal static class ClerkVerdict
{
    /// <summary>How often it is seen whether a key that was refused is taken again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    public static OutboxVerdict Of(ClerkReply reply, DateTimeOffset now, ReadOnlyMemory<byte> state = default) => reply.Outcome switch
    {
        ClerkOutcome.Unauthorized => OutboxVerdict.Closed(
            now + Pause, $"Clerk refuses CLERK_SECRET_KEY ({reply.Detail}). Deliveries go on by themselves once it takes the key.", needsSomebody: true, state),
        ClerkOutcome.RateLimited => OutboxVerdict.Closed(reply.RetryAt ?? now + Pause, "Clerk's rate limit is reached.", needsSomebody: false, state),
        ClerkOutcome.Unavailable => OutboxVerdict.Closed(now, "Clerk is away.", needsSomebody: false, state),
        ClerkOutcome.Refused => OutboxVerdict.Dead(reply.Detail, state),
        _ => OutboxVerdict.Retry(reply.Detail, state),
    };
}
