using Dub.Clerk.Clerk;
using Dub.Clerk.Conversions;
using Dub.Clerk.Outbox;

namespace Dub.Clerk.SignUps;

/// <summary>Completes a browser's half whose webhook does not come, by asking Clerk for the account: webhooks are not guaranteed.</summary>
internal sealed class AccountLookup(SignUpJoin signUps, ClerkClient clerk, TimeProvider time) : IOutboxHandler
{
    string IOutboxHandler.Kind => OutboxItem.AccountKind;

    public async Task<OutboxVerdict> HandleAsync(OutboxClaim claim, CancellationToken cancellationToken)
    {
        var userId = claim.Item.Subject;
        if (await signUps.FindAsync(userId, cancellationToken) is null or { CreatedAt: not null })
        {
            // The webhook came after all, or the half has expired.
            return OutboxVerdict.Done();
        }

        var reply = await clerk.GetUserAsync(userId, cancellationToken);
        if (reply is { Outcome: ClerkOutcome.Accepted, Accounts: [var account] } && account.UserId == userId)
        {
            await signUps.UserCreatedAsync(account, cancellationToken);
            return OutboxVerdict.Done();
        }

        return reply.Outcome is ClerkOutcome.Accepted or ClerkOutcome.NotFound ? OutboxVerdict.Done() : ClerkVerdict.Of(reply, time.GetUtcNow());
    }
}
