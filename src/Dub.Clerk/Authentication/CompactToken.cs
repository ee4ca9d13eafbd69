using System.Text;

namespace Dub.Clerk.Authentication;

/// <summary>The three parts of a compact JWS, decoded into the caller's buffer. Size and shape only: nothing in it is believed yet.</summary>
internal readonly ref struct CompactToken
{
    /// <summary>A cookie cannot exceed 4 KB, and Clerk's tokens are under 1 KB; a header may carry twice a cookie.</summary>
    public const int MaxLength = 8192;

    private const int MaxHeaderLength = 1024;

    private CompactToken(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> header, ReadOnlySpan<byte> claims, ReadOnlySpan<byte> signature)
    {
        Signed = signed;
        Header = header;
        Claims = claims;
        Signature = signature;
    }

    /// <summary>The bytes under the signature: the first two parts as they were sent.</summary>
    public ReadOnlySpan<byte> Signed { get; }

    /// <summary>The header's JSON.</summary>
    public ReadOnlySpan<byte> Header { get; }

    /// <summary>The claims' JSON.</summary>
    public ReadOnlySpan<byte> Claims { get; }

    public ReadOnlySpan<byte> Signature { get; }

    /// <summary>How large a buffer decoding needs.</summary>
    public static int BufferLength(string token) => 2 * Math.Min(token.Length, MaxLength);

    public static SessionTokenOutcome TryDecode(string token, Span<byte> buffer, out CompactToken result)
    {
        result = default;
        if (token.Length > MaxLength)
        {
            return SessionTokenOutcome.TooLong;
        }

        var text = token.AsSpan();
        if (!HasShape(text, out var headerEnd, out var claimsEnd))
        {
            return SessionTokenOutcome.ShapeWrong;
        }

        if (headerEnd > MaxHeaderLength)
        {
            return SessionTokenOutcome.HeaderMalformed;
        }

        var signed = buffer[..claimsEnd];
        var rest = buffer[claimsEnd..];
        if (!TryDecode(text[..headerEnd], ref rest, out var header)
            || !TryDecode(text[(headerEnd + 1)..claimsEnd], ref rest, out var claims)
            || !TryDecode(text[(claimsEnd + 1)..], ref rest, out var signature))
        {
            return SessionTokenOutcome.EncodingWrong;
        }

        _ = Encoding.ASCII.GetBytes(text[..claimsEnd], signed);
        result = new CompactToken(signed, header, claims, signature);
        return SessionTokenOutcome.Valid;
    }

    /// <summary>Whether it has three parts, as no API key has.</summary>
    public static bool HasShape(ReadOnlySpan<char> text) => HasShape(text, out _, out _);

    private static bool HasShape(ReadOnlySpan<char> text, out int headerEnd, out int claimsEnd)
    {
        (headerEnd, claimsEnd) = (text.IndexOf('.'), text.LastIndexOf('.'));
        return headerEnd > 0 && claimsEnd > headerEnd + 1 && !text[(headerEnd + 1)..claimsEnd].Contains('.');
    }

    private static bool TryDecode(scoped ReadOnlySpan<char> part, scoped ref Span<byte> rest, out ReadOnlySpan<byte> decoded)
    {
        var valid = StrictBase64Url.TryDecode(part, rest, out var written);
        decoded = rest[..written];
        rest = rest[written..];
        return valid;
    }
}
