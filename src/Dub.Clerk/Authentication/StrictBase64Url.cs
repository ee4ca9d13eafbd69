using System.Buffers;
using System.Buffers.Text;

namespace Dub.Clerk.Authentication;

/// <summary>Base64url with exactly one spelling per value: no padding, no white space, no stray bits in the last character. A decoder that
/// forgives lets a signed token be changed and stay valid.</summary>
internal static class StrictBase64Url
{
    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>How many bytes <paramref name="length"/> characters stand for.</summary>
    public static int DecodedLength(int length) => (int)((long)length * 3 / 4);

    /// <param name="text">What to decode.</param>
    /// <param name="destination">At least <see cref="DecodedLength"/> bytes.</param>
    /// <param name="written">How many bytes it was.</param>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        return HasCanonicalEnd(text)
            && !text.ContainsAnyExcept(Alphabet)
            && Base64Url.DecodeFromChars(text, destination, out _, out written) == OperationStatus.Done;
    }

    /// <summary>The last character of an incomplete group has 4 or 2 bits that mean nothing and must be zero.</summary>
    private static bool HasCanonicalEnd(ReadOnlySpan<char> text) => (text.Length % 4) switch
    {
        0 => true,
        2 => "AQgw".Contains(text[^1], StringComparison.Ordinal),
        3 => "AEIMQUYcgkosw048".Contains(text[^1], StringComparison.Ordinal),
        _ => false,
    };
}
