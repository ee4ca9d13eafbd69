namespace Dub.Clerk.Authentication;

/// <summary>When a session token counts, in Unix seconds.</summary>
/// <param name="IssuedAt"><c>iat</c>.</param>
/// <param name="NotBefore"><c>nbf</c>; 0 when it has none.</param>
/// <param name="ExpiresAt"><c>exp</c>.</param>
internal readonly record struct SessionTokenTimes(long IssuedAt, long NotBefore, long ExpiresAt)
{
    /// <summary>Clerk's own default skew. The usual five minutes would accept a 60 s token for six.</summary>
    private const long SkewSeconds = 5;

    public SessionTokenOutcome Check(long now)
        => ExpiresAt <= now - SkewSeconds ? SessionTokenOutcome.Expired
            : NotBefore > now + SkewSeconds ? SessionTokenOutcome.NotYetValid
            : IssuedAt > now + SkewSeconds ? SessionTokenOutcome.IssuedInFuture
            : SessionTokenOutcome.Valid;
}
