using Dub.Clerk.Store;

namespace Dub.Clerk.Outbox;

/// <summary>An item that is this host's to work on until the lease ends.</summary>
internal sealed record OutboxClaim
{
    public required OutboxDestination Destination { get; init; }

    public required int Partition { get; init; }

    /// <summary>The customer it is about, whose items are worked on in order; for local work the item itself.</summary>
    public required string Lane { get; init; }

    public required OutboxItem Item { get; init; }

    /// <summary>What settling must present: whoever claims after the lease has another.</summary>
    public required string Token { get; init; }

    /// <summary>The handler's own JSON.</summary>
    public required ReadOnlyMemory<byte> State { get; init; }

    /// <summary>Which attempt this is, from 1. Planned waits do not count.</summary>
    public required int Attempt { get; init; }

    /// <summary>The receiver has told us that the work is done.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>The span that caused the work, as W3C's <c>traceparent</c>; empty where none was recorded.</summary>
    public string Cause { get; init; } = string.Empty;
}
