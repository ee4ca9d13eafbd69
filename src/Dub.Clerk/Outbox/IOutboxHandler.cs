namespace Dub.Clerk.Outbox;

/// <summary>Does one kind of outbox work.</summary>
internal interface IOutboxHandler
{
    string Kind { get; }

    /// <summary>Does the work. It may have been done before, in part or whole: the process that did it may have died before it could say so.</summary>
    Task<OutboxVerdict> HandleAsync(OutboxClaim claim, CancellationToken cancellationToken);
}
