namespace Dub.Clerk.Conversions;

/// <summary>A lead to record.</summary>
internal sealed record LeadRequest
{
    public required string CustomerExternalId { get; init; }

    /// <summary>The revision of the customer's sign-up that this lead was decided on; null for a lead that is none of a sign-up's.</summary>
    public long? SignUpRevision { get; init; }

    public required Click Click { get; init; }

    /// <summary>Dub has just said that it knows the click.</summary>
    public bool IsClickProven { get; init; }

    public required string EventName { get; init; }

    public string? CustomerName { get; init; }

    public string? CustomerEmail { get; init; }

    public string? CustomerAvatar { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
