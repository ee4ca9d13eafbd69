using System.Buffers;
using System.Text.Json;

namespace Dub.Clerk.Authentication;

/// <summary>The rules for a token's claims, applied only under a good signature.</summary>
internal static class SessionTokenClaims
{
    public const int MaxDepth = 32;

    /// <summary>More than fit in a token, so that it refuses none.</summary>
    private const int MaxMembers = 2048;

    private const int MaxIdLength = 128;

    /// <summary>The last second of the year 9999, the end of <see cref="DateTimeOffset"/>.</summary>
    private const long MaxSeconds = 253_402_300_799;

    private static readonly SearchValues<byte> IdBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"u8);

    /// <param name="claims">The decoded claims.</param>
    /// <param name="rules">What this app accepts.</param>
    /// <param name="now">Our clock, in Unix seconds.</param>
    /// <param name="times">Its times, when the answer is <see cref="SessionTokenOutcome.Valid"/>.</param>
    public static SessionTokenOutcome Check(ReadOnlySpan<byte> claims, SessionTokenRules rules, long now, out SessionTokenTimes times)
    {
        times = default;
        if (!StrictJson.IsObject(claims, MaxDepth, MaxMembers))
        {
            return SessionTokenOutcome.ClaimsMalformed;
        }

        var issuer = SessionTokenOutcome.IssuerWrong;
        var party = rules.ForMissingParty;
        var subject = SessionTokenOutcome.SubjectNotUser;
        var session = SessionTokenOutcome.SessionIdMissing;
        var status = SessionTokenOutcome.Valid;
        long? exp = null, iat = null, nbf = 0;

        var reader = new Utf8JsonReader(claims);
        _ = reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("iss"u8))
            {
                issuer = ReadsText(ref reader) && reader.ValueTextEquals(rules.Issuer) ? SessionTokenOutcome.Valid : issuer;
            }
            else if (reader.ValueTextEquals("azp"u8))
            {
                party = ReadsText(ref reader) ? rules.ForParty(ref reader) : SessionTokenOutcome.AuthorizedPartyMalformed;
            }
            else if (reader.ValueTextEquals("exp"u8))
            {
                exp = ReadTime(ref reader);
            }
            else if (reader.ValueTextEquals("iat"u8))
            {
                iat = ReadTime(ref reader);
            }
            else if (reader.ValueTextEquals("nbf"u8))
            {
                nbf = ReadTime(ref reader);
            }
            else if (reader.ValueTextEquals("sub"u8))
            {
                subject = ReadsText(ref reader) && IsId(reader.ValueSpan, "user_"u8) ? SessionTokenOutcome.Valid : subject;
            }
            else if (reader.ValueTextEquals("sid"u8))
            {
                session = ReadsText(ref reader) && IsId(reader.ValueSpan, "sess_"u8) ? SessionTokenOutcome.Valid : session;
            }
            else if (reader.ValueTextEquals("sts"u8))
            {
                status = ReadStatus(ref reader);
            }
            else
            {
                _ = reader.Read();
            }

            reader.Skip();
        }

        var timing = SessionTokenOutcome.TimesMalformed;
        if (iat is { } issuedAt && nbf is { } notBefore && exp is { } expiresAt)
        {
            times = new SessionTokenTimes(issuedAt, notBefore, expiresAt);
            timing = times.Check(now);
        }

        return FirstRefusal(issuer, party, timing, subject, session, status);
    }

    private static SessionTokenOutcome FirstRefusal(params ReadOnlySpan<SessionTokenOutcome> outcomes)
    {
        var index = outcomes.IndexOfAnyExcept(SessionTokenOutcome.Valid);
        return index < 0 ? SessionTokenOutcome.Valid : outcomes[index];
    }

    private static bool ReadsText(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.String;

    private static long? ReadTime(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var seconds) && seconds is >= 0 and <= MaxSeconds
            ? seconds
            : null;

    private static SessionTokenOutcome ReadStatus(ref Utf8JsonReader reader) =>
        !ReadsText(ref reader) ? SessionTokenOutcome.SessionStatusUnknown
        : reader.ValueTextEquals("active"u8) ? SessionTokenOutcome.Valid
        : reader.ValueTextEquals("pending"u8) ? SessionTokenOutcome.SessionPending
        : SessionTokenOutcome.SessionStatusUnknown;

    private static bool IsId(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> prefix) =>
        raw.Length > prefix.Length && raw.Length <= MaxIdLength && raw.StartsWith(prefix) && !raw.ContainsAnyExcept(IdBytes);
}
