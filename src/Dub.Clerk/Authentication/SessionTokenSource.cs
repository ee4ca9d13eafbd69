using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Authentication;

/// <summary>Finds the session token of a request. The <c>Authorization</c> header beats the cookies, and a bad header does not fall back to
/// them: whoever sends one means it.</summary>
internal static class SessionTokenSource
{
    private const string Bearer = "Bearer";

    /// <summary>Stands for whatever is longer than a session token can be, which is refused for its length without being copied.</summary>
    private static readonly string TooLong = new('x', CompactToken.MaxLength + 1);

    /// <summary>What <see cref="Find"/> saw.</summary>
    internal enum Finding
    {
        /// <summary>The request brings no session token: nobody is signed in.</summary>
        None,

        /// <summary>A token, or what stands in its place, to be checked.</summary>
        Token,

        /// <summary>More than one <c>Authorization</c> header.</summary>
        Repeated,
    }

    /// <param name="headers">The request's.</param>
    /// <param name="rules">What this app accepts.</param>
    /// <param name="verified">Whose texts need not be copied once more.</param>
    /// <param name="now">Our clock.</param>
    /// <param name="token">The token's text.</param>
    public static Finding Find(IHeaderDictionary headers, SessionTokenRules rules, VerifiedTokens verified, DateTimeOffset now, out string token)
    {
        token = "";
        var authorization = headers.Authorization;
        if (authorization.Count > 1)
        {
            return Finding.Repeated;
        }

        if (FromAuthorization(authorization, verified) is { } fromHeader)
        {
            token = fromHeader;
            return Finding.Token;
        }

        token = FromCookies(headers.Cookie, rules, verified, now);
        return token.Length > 0 ? Finding.Token : Finding.None;
    }

    /// <summary>The text after <c>Bearer</c> and one space (any case, RFC 9110), or a value without a scheme, which Clerk's SDK takes as the
    /// token. Null for another scheme: that header is not about us.</summary>
    private static string? FromAuthorization(StringValues header, VerifiedTokens verified)
    {
        if (header.Count == 0 || header[0] is not { Length: > 0 } value)
        {
            return null;
        }

        var space = value.AsSpan().IndexOfAny(' ', '\t');
        var scheme = space < 0 ? value : value.AsSpan(0, space);
        return scheme.Equals(Bearer, StringComparison.OrdinalIgnoreCase) ? Text(value.AsSpan(space < 0 ? value.Length : space + 1), verified)
            : space < 0 ? Text(value, verified)
            : null;
    }

    private static string Text(ReadOnlySpan<char> token, VerifiedTokens verified)
        => token.Length > CompactToken.MaxLength ? TooLong : verified.Find(token)?.Text ?? token.ToString();

    private static string FromCookies(StringValues header, SessionTokenRules rules, VerifiedTokens verified, DateTimeOffset now)
    {
        if (header.Count == 0)
        {
            return "";
        }

        var cookies = SessionCookies.Read(header, rules.CookieSuffix);
        var suffixed = UsesSuffixed(cookies, rules, verified, now.ToUnixTimeSeconds());
        var signedInSince = suffixed ? cookies.SuffixedSignedInSince : cookies.SignedInSince;

        // Signing out writes 0 there, and clerk-js may not have come round to removing the session cookie yet.
        return signedInSince is "0" ? "" : Text(suffixed ? cookies.SuffixedSession : cookies.Session, verified);
    }

    /// <summary>Whether the cookies with the instance's suffix count, or those without: the decision of Clerk's own SDK
    /// (<c>authenticateContext.ts</c>), rule by rule, so that a page and its API agree on who is signed in.</summary>
    private static bool UsesSuffixed(in SessionCookies cookies, SessionTokenRules rules, VerifiedTokens verified, long now)
    {
        var plain = Read(cookies.Session, rules, verified);
        if (!cookies.Session.IsEmpty)
        {
            if (plain.Issuer is null)
            {
                return false;
            }

            // Another instance wrote it: two Clerk apps on one host.
            if (!string.Equals(plain.Issuer, rules.IssuerHost, StringComparison.Ordinal))
            {
                return true;
            }
        }

        if (cookies.SuffixedSignedInSince.IsEmpty && cookies.SuffixedSession.IsEmpty)
        {
            return false;
        }

        var suffixed = Read(cookies.SuffixedSession, rules, verified);
        var plainSignedOut = cookies.SignedInSince is "0";
        var suffixedSignedOut = cookies.SuffixedSignedInSince is "0";

        // An older clerk-js writes only the plain ones, so where both say signed in, or only the plain ones do, the newer writer is right.
        var plainIsNewer = !plainSignedOut && (suffixedSignedOut || plain.IssuedAt > suffixed.IssuedAt);

        // In development the suffixed mark is not written reliably; an expired token beside it shows that it is stale.
        var suffixedIsStale = !rules.IsProduction && plainSignedOut && !suffixedSignedOut && suffixed.ExpiresAt <= now;

        return !plainIsNewer && !suffixedIsStale && (cookies.SuffixedSession.IsEmpty || !cookies.SuffixedSignedInSince.IsEmpty);
    }

    /// <summary>What is remembered of a text is what it says.</summary>
    private static UnverifiedToken Read(ReadOnlySpan<char> text, SessionTokenRules rules, VerifiedTokens verified)
        => verified.Find(text) is { Token.Times: var times } ? new UnverifiedToken(rules.IssuerHost, times.IssuedAt, times.ExpiresAt) : UnverifiedToken.Read(text);
}
