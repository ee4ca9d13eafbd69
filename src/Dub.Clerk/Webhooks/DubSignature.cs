using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Webhooks;

/// <summary>Dub's webhook signature: HMAC-SHA256 of the raw body in lower-case hex, keyed with the whole text of the secret, its prefix included.</summary>
internal static class DubSignature
{
    public const string Header = "Dub-Signature";

    private const int HexLength = 64;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    public static string Sign(string secret, ReadOnlySpan<byte> body) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    /// <summary>Whether the header is one that a signature can be.</summary>
    public static bool IsWellFormed(StringValues header)
        => header.Count == 1 && header[0] is { Length: HexLength } text && !text.AsSpan().ContainsAnyExcept(Hex);

    /// <summary>Whether any of the secrets made the signature. Takes the same time wherever they differ.</summary>
    public static bool Verify(string signature, ReadOnlySpan<byte> body, IEnumerable<string> secrets)
    {
        Span<byte> presented = stackalloc byte[HexLength / 2];
        Span<byte> computed = stackalloc byte[HexLength / 2];
        Convert.FromHexString(signature, presented, out _, out _);
        var verified = false;
        foreach (var secret in secrets)
        {
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, computed);
            verified |= CryptographicOperations.FixedTimeEquals(presented, computed);
        }

        return verified;
    }
}
