using System.Text.Json;

namespace Dub.Clerk.Authentication;

/// <summary>Small reads in claims that hold a JSON object.</summary>
internal static class ClaimJson
{
    /// <summary>The document when the claim is a JSON object, else null. A claim may have been written by something other than our token
    /// handler, so it is not taken for granted.</summary>
    public static JsonDocument? TryParse(string json)
    {
        if (!json.StartsWith('{'))
        {
            return null;
        }

        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The text of a member; null when there is none, or when it is no text.</summary>
    public static string? Text(JsonElement element, string name)
    {
        try
        {
            return element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair: JSON can spell it, text cannot hold it.
            return null;
        }
    }
}
