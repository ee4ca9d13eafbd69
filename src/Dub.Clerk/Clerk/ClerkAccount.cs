using System.Text.Json;

namespace Dub.Clerk.Clerk;

/// <summary>An account, as Clerk's events <c>user.created</c> and <c>user.updated</c> and its API tell it.</summary>
internal sealed record ClerkAccount
{
    public required string UserId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when the profile is as it is here; from the beginning when left out.</summary>
    public DateTimeOffset UpdatedAt
    {
        get => field == default ? CreatedAt : field;
        init;
    }

    /// <summary><c>unsafe_metadata.dub_id</c> as it came: the browser wrote it, so it is a hint like the cookie.</summary>
    public string? MetadataClickId { get; init; }

    /// <summary><c>public_metadata.dubClickId</c>, which says that the sign-up is dealt with.</summary>
    public string? TrackedClickId { get; init; }

    public string? FirstName { get; init; }

    public string? LastName { get; init; }

    public string? Email { get; init; }

    public string? Avatar { get; init; }

    /// <summary>Reads a User object; null when it has no user id. What we do not need may have any shape, because a field that Clerk changes tomorrow
    /// must not cost a lead today.</summary>
    /// <param name="user">The object.</param>
    /// <param name="otherwiseCreatedAt">For an account that does not say when it was created.</param>
    public static ClerkAccount? Read(JsonElement user, DateTimeOffset otherwiseCreatedAt)
    {
        if (LenientJson.Text(user, "id") is not { Length: > 5 and <= 64 } id || !id.StartsWith("user_", StringComparison.Ordinal))
        {
            return null;
        }

        return new ClerkAccount
        {
            UserId = id,
            CreatedAt = Time(user, "created_at") ?? otherwiseCreatedAt,
            UpdatedAt = Time(user, "updated_at") ?? default,
            MetadataClickId = LenientJson.Property(user, "unsafe_metadata") is { ValueKind: JsonValueKind.Object } unsafeMetadata ? MetadataClick(unsafeMetadata) : null,
            TrackedClickId = LenientJson.Property(user, "public_metadata") is { ValueKind: JsonValueKind.Object } publicMetadata ? LenientJson.Text(publicMetadata, "dubClickId") : null,
            FirstName = LenientJson.Text(user, "first_name"),
            LastName = LenientJson.Text(user, "last_name"),
            Email = PrimaryEmail(user),
            Avatar = LenientJson.Text(user, "image_url"),
        };
    }

    /// <summary>Something was put there that is no text: it is shown as what it is, no click id.</summary>
    private static string? MetadataClick(JsonElement metadata) => LenientJson.Property(metadata, "dub_id") switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } => LenientJson.Text(metadata, "dub_id"),
        _ => "not-text",
    };

    private static string? PrimaryEmail(JsonElement user)
    {
        if (LenientJson.Text(user, "primary_email_address_id") is not { } primary || LenientJson.Property(user, "email_addresses") is not { ValueKind: JsonValueKind.Array } addresses)
        {
            return null;
        }

        foreach (var address in addresses.EnumerateArray())
        {
            if (LenientJson.Text(address, "id") == primary)
            {
                return LenientJson.Text(address, "email_address");
            }
        }

        return null;
    }

    /// <summary>Unix milliseconds as Clerk sends them; values below 10^11 are seconds, as some of its samples have.</summary>
    private static DateTimeOffset? Time(JsonElement parent, string name)
    {
        const long earliest = 0;
        const long latest = 253_402_300_799_999;
        if (LenientJson.Property(parent, name) is not { ValueKind: JsonValueKind.Number } value || !value.TryGetInt64(out var number))
        {
            return null;
        }

        var milliseconds = number is > earliest and < 100_000_000_000 ? number * 1000 : number;
        return milliseconds is > earliest and <= latest ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }
}
