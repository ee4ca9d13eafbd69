using Dub.Clerk.Conversions;
using Dub.Clerk.Dub;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;

namespace Dub.Clerk.Erasure;

/// <summary>Has Dub delete a customer who was erased here. The item says who it is for as long as Dub has not done it, and nothing is kept of it then.</summary>
internal sealed class DubErasure(DubClient dub, IEnumerable<IErasureListener> listeners, TimeProvider time) : IOutboxHandler
{
    string IOutboxHandler.Kind => OutboxItem.ForgetKind;

    public async Task<OutboxVerdict> HandleAsync(OutboxClaim claim, CancellationToken cancellationToken)
    {
        var state = DubErasureState.Parse(claim.State);
        foreach (var customer in state.Customers)
        {
            var reply = await dub.DeleteCustomerAsync(customer, cancellationToken);
            if (reply.Outcome is DubOutcome.Accepted or DubOutcome.NotFound)
            {
                state = state with { Customers = [.. state.Customers.Where(other => other != customer)] };
            }
            else
            {
                return DubVerdict.Of(reply with { Detail = reply.Outcome.ToString() }, time.GetUtcNow(), state.ToJson());
            }
        }

        await listeners.TellAsync(cancellationToken);
        return OutboxVerdict.Done();
    }
}
