using Dub.Clerk.Store;

namespace Dub.Clerk.Outbox;

/// <summary>An item as it stands in the outbox, for the person who looks.</summary>
/// <param name="Destination">Where it goes.</param>
/// <param name="Partition">Where it is kept.</param>
/// <param name="Item">What it is.</param>
/// <param name="State">Whether it waits, was given up or is done.</param>
/// <param name="Lane">Whose it is; null once it is done.</param>
/// <param name="Json">The handler's own JSON.</param>
/// <param name="At">When it is due; for a dead letter when it was given up.</param>
/// <param name="Attempts">How many attempts in a row have failed.</param>
/// <param name="Error">What went wrong last.</param>
internal sealed record OutboxEntry(
    OutboxDestination Destination, int Partition, OutboxItem Item, OutboxEntryState State, string? Lane, ReadOnlyMemory<byte> Json, DateTimeOffset? At, int Attempts,
    string? Error)
{
    /// <summary>Whom it is about; null once it is done. An item with a lane of its own says so in its subject.</summary>
    public string? Customer => Lane == Item.ToString() ? Item.Subject.Split('/')[0] : Lane;
}

internal enum OutboxEntryState
{
    Waiting,
    Dead,
    Done,
}

/// <summary>How much work there is for a destination.</summary>
/// <param name="Waiting">How many lanes have work.</param>
/// <param name="OldestSince">Since when the one that waits longest has.</param>
/// <param name="Dead">How many dead letters there are.</param>
internal readonly record struct OutboxDepth(long Waiting, DateTimeOffset? OldestSince, long Dead);
