using Dub.Clerk.Dub;
using Dub.Clerk.Outbox;

namespace Dub.Clerk.Conversions;

/// <summary>What an answer of Dub's means for the outbox, where it means the same for every kind of work.</summary>
internal static class DubVerdict
{
    /// <summary>How often it is seen whether a key that was refused is taken again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    public static OutboxVerdict Of(DubReply reply, DateTimeOffset now, ReadOnlyMemory<byte> state) => reply.Outcome switch
    {
        DubOutcome.Unauthorized => OutboxVerdict.Closed(
            now + Pause, $"Dub refuses DUB_API_KEY ({reply.Detail}). Deliveries go on by themselves once it takes the key.", needsSomebody: true, state),
        DubOutcome.RateLimited => OutboxVerdict.Closed(reply.RetryAt ?? now + Pause, "Dub's rate limit is reached.", needsSomebody: false, state),
        DubOutcome.Unavailable => OutboxVerdict.Closed(now, "Dub is away.", needsSomebody: false, state),
        _ => OutboxVerdict.Retry(reply.Detail, state),
    };
}
