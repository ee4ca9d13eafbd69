using Dub.Clerk.Store;

namespace Dub.Clerk.Outbox;

/// <summary>Tells the dispatcher of this process about new work, so that it need not look.</summary>
internal sealed class OutboxSignal
{
    public event Action<OutboxDestination, int>? Raised;

    /// <summary>There is work that is due now.</summary>
    public void Raise(OutboxDestination destination, int partition) => Raised?.Invoke(destination, partition);
}
