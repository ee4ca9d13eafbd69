namespace Dub.Clerk.Outbox;

/// <summary>Does one kind of outbox work. It takes the item out of the outbox itself, in the same change that does the work.</summary>
internal interface IOutboxHandler
{
    string Kind { get; }

    /// <summary>Does the work. May be called again for work that is done.</summary>
    Task HandleAsync(OutboxItem item, ReadOnlyMemory<byte> json, int partition, CancellationToken cancellationToken);
}
