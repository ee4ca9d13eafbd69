using System.Text.Json;

namespace Dub.Clerk.Conversions;

/// <summary>A lead to record.</summary>
internal sealed record LeadRequest
{
    /// <summary>Where the customer lives, or will.</summary>
    public required string CustomerExternalId { get; init; }

    /// <summary>The external id that was asked for, where it is another.</summary>
    public string? RequestedExternalId { get; init; }

    /// <summary>The revision of the customer's sign-up that this lead was decided on; null for a lead that is none of a sign-up's.</summary>
    public long? SignUpRevision { get; init; }

    public required Click Click { get; init; }

    /// <summary>Dub has just said that it knows the click.</summary>
    public bool IsClickProven { get; init; }

    public required string EventName { get; init; }

    public string? CustomerName { get; init; }

    public string? CustomerEmail { get; init; }

    public string? CustomerAvatar { get; init; }

    /// <summary>Since when the customer is called so, as Clerk told; null where somebody else said so.</summary>
    public DateTimeOffset? ProfileAt { get; init; }

    /// <summary>An object.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>How many events the lead stands for, 1 to 100.</summary>
    public int Quantity { get; init; } = 1;
}
