namespace Dub.Clerk.SignUps;

/// <summary>Clerk's half of a sign-up: the account, as its <c>user.created</c> event tells it.</summary>
internal sealed record NewUser
{
    public required string UserId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary><c>unsafe_metadata.dub_id</c> as it came: the browser wrote it, so it is a hint like the cookie.</summary>
    public string? MetadataClickId { get; init; }

    public string? Name { get; init; }

    public string? Email { get; init; }

    public string? Avatar { get; init; }
}
