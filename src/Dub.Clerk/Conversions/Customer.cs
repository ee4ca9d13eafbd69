namespace Dub.Clerk.Conversions;

/// <summary>Somebody a lead was recorded for.</summary>
internal sealed record Customer
{
    /// <summary>Ours, <c>cus_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The app's: for a sign-up the Clerk user id.</summary>
    public required string ExternalId { get; init; }

    public string? Name { get; init; }

    public string? Email { get; init; }

    public string? Avatar { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
