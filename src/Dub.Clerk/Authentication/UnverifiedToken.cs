using System.Buffers;
using System.Text.Json;

namespace Dub.Clerk.Authentication;

/// <summary>What a token says of itself, read without checking it. Good only for choosing which of two cookies to check.</summary>
/// <param name="Issuer"><c>iss</c> without its scheme; null when the text is no token or has no issuer.</param>
/// <param name="IssuedAt"><c>iat</c>, 0 when unknown.</param>
/// <param name="ExpiresAt"><c>exp</c>, <see cref="long.MaxValue"/> when unknown.</param>
internal readonly record struct UnverifiedToken(string? Issuer, long IssuedAt, long ExpiresAt)
{
    /// <summary>Browsers drop longer cookies, so no session is in one.</summary>
    private const int MaxCookieLength = 4096;

    private static readonly UnverifiedToken Unreadable = new(null, 0, long.MaxValue);

    public static UnverifiedToken Read(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > MaxCookieLength)
        {
            return Unreadable;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            var dot = text.IndexOf('.');
            var claims = text[(dot + 1)..];
            var end = claims.IndexOf('.');
            return dot > 0 && end > 0 && StrictBase64Url.TryDecode(claims[..end], buffer, out var length)
                ? ReadClaims(buffer.AsSpan(0, length))
                : Unreadable;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static UnverifiedToken ReadClaims(ReadOnlySpan<byte> claims)
    {
        if (!StrictJson.IsWellFormedObject(claims, SessionTokenClaims.MaxDepth))
        {
            return Unreadable;
        }

        var result = Unreadable;
        var reader = new Utf8JsonReader(claims);
        _ = reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIssuer = reader.ValueTextEquals("iss"u8);
            var isIssuedAt = reader.ValueTextEquals("iat"u8);
            var isExpiresAt = reader.ValueTextEquals("exp"u8);
            _ = reader.Read();
            if (isIssuer && reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } issuer)
            {
                result = result with { Issuer = SessionTokenRules.WithoutScheme(issuer) };
            }
            else if ((isIssuedAt || isExpiresAt) && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var seconds))
            {
                result = isIssuedAt ? result with { IssuedAt = seconds } : result with { ExpiresAt = seconds };
            }

            reader.Skip();
        }

        return result;
    }
}
