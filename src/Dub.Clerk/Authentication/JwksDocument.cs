using System.Text;
using System.Text.Json;

namespace Dub.Clerk.Authentication;

/// <summary>Reads a JSON Web Key Set. The schema allows symmetric, private, elliptic and encryption keys in it; only what can sign a
/// session token is taken, and the rest is left out.</summary>
internal static class JwksDocument
{
    private const int MaxKeys = 32;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <returns>The usable keys; none when the set has no usable key.</returns>
    /// <exception cref="JsonException">It is not strict JSON.</exception>
    public static RsaPublicKey[] Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, Strict);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("keys"u8, out var keys)
            || keys.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        return [.. keys.EnumerateArray().Take(MaxKeys).Select(ReadKey).OfType<RsaPublicKey>()];
    }

    private static RsaPublicKey? ReadKey(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object
            || Text(key, "kty") is not "RSA"
            || !IsAbsentOr(key, "use", "sig")
            || !IsAbsentOr(key, "alg", "RS256")
            || key.TryGetProperty("d"u8, out _)
            || Text(key, "kid") is not { Length: > 0 } kid
            || Bytes(key, "n") is not { } modulus
            || Bytes(key, "e") is not { } exponent)
        {
            return null;
        }

        return RsaPublicKey.TryCreate(Encoding.UTF8.GetBytes(kid), modulus, exponent);
    }

    private static bool IsAbsentOr(JsonElement key, string name, string expected) =>
        !key.TryGetProperty(name, out _) || string.Equals(Text(key, name), expected, StringComparison.Ordinal);

    private static string? Text(JsonElement key, string name) =>
        key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[]? Bytes(JsonElement key, string name)
    {
        if (Text(key, name) is not { } text)
        {
            return null;
        }

        var bytes = new byte[StrictBase64Url.DecodedLength(text.Length)];
        return StrictBase64Url.TryDecode(text, bytes, out _) ? bytes : null;
    }
}
