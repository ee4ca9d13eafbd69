using Dub.Clerk.Store;

namespace Dub.Clerk.Outbox;

/// <summary>The gate of each destination in this process.</summary>
internal sealed class DestinationGates(TimeProvider time)
{
    private readonly DestinationGate[] _gates = [.. Enum.GetValues<OutboxDestination>().Select(_ => new DestinationGate(time))];

    public DestinationGate this[OutboxDestination destination] => _gates[(int)destination];
}
