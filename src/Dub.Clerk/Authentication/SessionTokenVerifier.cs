using System.Buffers;

namespace Dub.Clerk.Authentication;

/// <summary>Every rule for a session token, in the one order that is both cheap and silent: size and shape, then the header, then the
/// signature, then the claims. A pure function of its arguments that throws nothing.</summary>
internal static class SessionTokenVerifier
{
    /// <param name="text">What came in the header or the cookie.</param>
    /// <param name="rules">What this app accepts.</param>
    /// <param name="keys">The keys in force.</param>
    /// <param name="now">Our clock.</param>
    /// <param name="token">The token, when the answer is <see cref="SessionTokenOutcome.Valid"/>.</param>
    public static SessionTokenOutcome Verify(
        string text, SessionTokenRules rules, SessionKeySet keys, DateTimeOffset now, out ClerkSessionToken? token)
    {
        token = null;
        var buffer = ArrayPool<byte>.Shared.Rent(CompactToken.BufferLength(text));
        try
        {
            var outcome = CompactToken.TryDecode(text, buffer, out var parts);
            if (outcome != SessionTokenOutcome.Valid)
            {
                return outcome;
            }

            outcome = SessionTokenHeader.Check(parts.Header, out var keyId);
            if (outcome != SessionTokenOutcome.Valid)
            {
                return outcome;
            }

            outcome = keys.Check(keyId, parts.Signed, parts.Signature);
            if (outcome != SessionTokenOutcome.Valid)
            {
                return outcome;
            }

            outcome = SessionTokenClaims.Check(parts.Claims, rules, now.ToUnixTimeSeconds(), out var times);
            if (outcome == SessionTokenOutcome.Valid)
            {
                token = new ClerkSessionToken(parts.Claims, rules.IssuerText, times);
            }

            return outcome;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
