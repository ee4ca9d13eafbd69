using System.Text;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>A user's three kinds of metadata, and the two ways to change them.</summary>
internal static class ClerkMetadata
{
    private const int MaxBytes = 8 * 1024;

    public static IReadOnlyList<string> Fields { get; } = ["public_metadata", "private_metadata", "unsafe_metadata"];

    /// <summary>The first fault in what a request wants the metadata to be.</summary>
    public static IResult? FaultIn(JsonObject request)
    {
        foreach (var field in Fields)
        {
            if (!request.TryGetPropertyValue(field, out var value))
            {
                continue;
            }

            if (value is not JsonObject)
            {
                return ClerkErrors.ParameterInvalid(field, $"{field} must be a valid object.");
            }

            if (Encoding.UTF8.GetByteCount(value.ToJsonString()) > MaxBytes)
            {
                return ClerkErrors.ParameterInvalid(field, $"{field} exceeds the maximum allowed size of 8192 bytes.");
            }
        }

        return null;
    }

    /// <summary>Merges at every level; null removes.</summary>
    public static void Merge(JsonObject user, JsonObject request)
    {
        foreach (var field in Fields)
        {
            if (request[field] is JsonObject changes)
            {
                user[field] = Merged(user[field] as JsonObject, changes);
            }
        }
    }

    /// <summary>Each field that is given becomes what is given, and what it was is gone.</summary>
    public static void Replace(JsonObject user, JsonObject request)
    {
        foreach (var field in Fields)
        {
            if (request[field] is JsonObject value)
            {
                user[field] = value.DeepClone();
            }
        }
    }

    private static JsonObject Merged(JsonObject? current, JsonObject changes)
    {
        var merged = current?.DeepClone().AsObject() ?? [];
        foreach (var (name, value) in changes)
        {
            switch (value)
            {
                case null:
                    merged.Remove(name);
                    break;
                case JsonObject inner:
                    merged[name] = Merged(merged[name] as JsonObject, inner);
                    break;
                default:
                    merged[name] = value.DeepClone();
                    break;
            }
        }

        return merged;
    }
}
