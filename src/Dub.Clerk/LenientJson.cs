using System.Text.Json;

namespace Dub.Clerk;

/// <summary>Reads what other services write, leniently: what is missing or has another shape is not there.</summary>
internal static class LenientJson
{
    public static string? Text(JsonElement parent, string name)
        => Property(parent, name) is { ValueKind: JsonValueKind.String } value && TryGetString(value, out var text) ? text : null;

    public static JsonElement? Property(JsonElement parent, string name)
        => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : null;

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
