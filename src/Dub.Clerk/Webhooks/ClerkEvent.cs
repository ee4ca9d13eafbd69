using System.Text.Json;
using Dub.Clerk.Conversions;
using Dub.Clerk.SignUps;

namespace Dub.Clerk.Webhooks;

/// <summary>Reads Clerk's deliveries, leniently: what we do not need may have any shape, because a field that Clerk changes tomorrow must not
/// cost a lead today.</summary>
internal static class ClerkEvent
{
    /// <summary>The account of a <c>user.created</c> event, fitted to Dub's limits; null when it has no user id.</summary>
    /// <param name="data">The event's <c>data</c>.</param>
    /// <param name="deliveredAt">When the delivery was signed, for an account that does not say when it was created.</param>
    public static NewUser? ReadUser(JsonElement data, DateTimeOffset deliveredAt)
    {
        if (Text(data, "id") is not { Length: > 5 and <= 64 } id || !id.StartsWith("user_", StringComparison.Ordinal))
        {
            return null;
        }

        return new NewUser
        {
            UserId = id,
            CreatedAt = Time(data, "created_at") ?? deliveredAt,
            MetadataClickId = Property(data, "unsafe_metadata") is { ValueKind: JsonValueKind.Object } metadata ? MetadataClick(metadata) : null,
            Name = Profile.FitName(Text(data, "first_name"), Text(data, "last_name")),
            Email = Profile.FitEmail(PrimaryEmail(data)),
            Avatar = Profile.FitAvatar(Text(data, "image_url")),
        };
    }

    public static string? Text(JsonElement parent, string name)
        => Property(parent, name) is { ValueKind: JsonValueKind.String } value && TryGetString(value, out var text) ? text : null;

    public static JsonElement? Property(JsonElement parent, string name)
        => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : null;

    /// <summary>Something was put there that is no text: it is shown as what it is, no click id.</summary>
    private static string? MetadataClick(JsonElement metadata) => Property(metadata, "dub_id") switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } => Text(metadata, "dub_id"),
        _ => "not-text",
    };

    private static string? PrimaryEmail(JsonElement data)
    {
        if (Text(data, "primary_email_address_id") is not { } primary || Property(data, "email_addresses") is not { ValueKind: JsonValueKind.Array } addresses)
        {
            return null;
        }

        foreach (var address in addresses.EnumerateArray())
        {
            if (Text(address, "id") == primary)
            {
                return Text(address, "email_address");
            }
        }

        return null;
    }

    /// <summary>Unix milliseconds as Clerk sends them; values below 10^11 are seconds, as some of its samples have.</summary>
    private static DateTimeOffset? Time(JsonElement parent, string name)
    {
        const long earliest = 0;
        const long latest = 253_402_300_799_999;
        if (Property(parent, name) is not { ValueKind: JsonValueKind.Number } value || !value.TryGetInt64(out var number))
        {
            return null;
        }

        var milliseconds = number is > earliest and < 100_000_000_000 ? number * 1000 : number;
        return milliseconds is > earliest and <= latest ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }

    private static bool TryGetString(JsonElement value, out string? text)
    {
        try
        {
            text = value.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair: JSON allows it, text does not.
            text = null;
            return false;
        }
    }
}
