using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Dub.Clerk.Authentication;

namespace Dub.Clerk.Host.Doctor;

/// <summary>Looks into a session token with the library's own rules: whether it is accepted, and whether it carries the click. Repeats nothing of it but
/// the origin that it was issued to.</summary>
internal sealed class TokenExamination(Installation installation, ClerkKeySets keySets) : IExamination
{
    /// <summary>Browsers drop a cookie of more bytes, its name and attributes among them, without a word.</summary>
    private const int CookieLimit = 4096;

    /// <summary>For <c>__session_xxxxxxxx=</c> and the attributes that Clerk's script writes.</summary>
    private const int CookieOverhead = 128;

    /// <summary>Clerk's advice for all custom claims together: 1.2 KB.</summary>
    private const int ClaimsAdvice = 1228;

    private const string Claim = "{\"dubClickId\":\"{{user.public_metadata.dubClickId}}\"}";

    /// <summary>What Clerk itself writes.</summary>
    private static readonly string[] Standard =
        ["iss", "sub", "sid", "azp", "exp", "iat", "nbf", "fva", "sts", "act", "jti", "v", "pla", "fea", "o", "org_id", "org_role", "org_slug", "org_permissions"];

    public string Subject => "Session token";

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        if (installation.Token is not { } token)
        {
            return [Finding.NotChecked("No session token was given.", "Pass one: --token - reads it from standard input; await window.Clerk.session.getToken() on a signed-in page shows it.")];
        }

        using var claims = ReadClaims(token);
        var verdict = await VerifyAsync(token, claims?.RootElement ?? default, cancellationToken);
        return claims is null ? [verdict] : [verdict, .. Custom(claims.RootElement), Size(token)];
    }

    private async Task<Finding> VerifyAsync(string token, JsonElement claims, CancellationToken cancellationToken)
    {
        var options = installation.Options;
        var rules = SessionTokenRules.LacksAuthorizedParties(options, installation.Environment) ? null : SessionTokenRules.From(options);
        if (rules is null)
        {
            return Finding.NotChecked("The settings name no Clerk instance, or no authorized party, so no token can be accepted.");
        }

        if (await KeysAsync(cancellationToken) is not { } keys)
        {
            return Finding.NotChecked("The instance's keys could not be had, so the token's signature is not checked.");
        }

        var outcome = SessionTokenVerifier.Verify(token, rules, keys, installation.Time.GetUtcNow(), out _);
        if (outcome != SessionTokenOutcome.Expired)
        {
            return TokenWords.Of(outcome, PartyOf(claims), options);
        }

        // It holds for a minute, so that one that was copied has mostly run out; everything else about it can still be told.
        var issued = DateTimeOffset.FromUnixTimeSeconds(claims.GetProperty("iat").GetInt64());
        var then = SessionTokenVerifier.Verify(token, rules, keys, issued, out _);
        return then == SessionTokenOutcome.Valid
            ? Finding.Note("The token has run out, as each does after a minute; until then it was accepted.")
            : TokenWords.Of(then, PartyOf(claims), options);
    }

    private async Task<SessionKeySet?> KeysAsync(CancellationToken cancellationToken)
    {
        if (installation.Options.JwtKey is { } pem)
        {
            return PemKeys.TryParse(pem, out var keys, out _) ? keys.Current : null;
        }

        return keySets.Address is not null && await keySets.PublishedAsync(cancellationToken) is { Keys: { Count: > 0 } published } ? new SessionKeySet([.. published]) : null;
    }

    private static IEnumerable<Finding> Custom(JsonElement claims)
    {
        var metadata = LenientJson.Property(claims, "metadata");
        var click = LenientJson.Property(claims, "dubClickId");
        if (metadata is null && click is null)
        {
            yield return Finding.Note("The token has no custom claim, so each request of a user who brings a click asks the store.", $"In the Clerk Dashboard, under Sessions, Customize session token, add {Claim}");
        }
        else if (LenientJson.Text(claims, click is null ? "metadata" : "dubClickId")?.StartsWith("{{", StringComparison.Ordinal) is true)
        {
            yield return Finding.Fault("The custom claim's template was not filled in by Clerk.", $"Write it as {Claim}");
        }
        else
        {
            yield return click is not null ? Finding.Ok($"The token has the custom claim dubClickId{Value(click.Value)}.")
                : metadata is { ValueKind: JsonValueKind.Object } whole ? Finding.Ok($"The token has the custom claim metadata{(LenientJson.Property(whole, "dubClickId") is { } inside ? Value(inside) : ", without a click for this user")}.")
                : Finding.Fault("The token's claim metadata is no object.", "Write it as {\"metadata\":\"{{user.public_metadata}}\"}");
        }

        var bytes = claims.EnumerateObject().Where(claim => !Standard.Contains(claim.Name)).Sum(claim => Encoding.UTF8.GetByteCount(claim.Name) + 4 + Encoding.UTF8.GetByteCount(claim.Value.GetRawText()));
        if (bytes > ClaimsAdvice)
        {
            yield return Finding.Note($"The custom claims have {bytes} bytes; Clerk advises at most 1.2 KB.", $"Take the one value instead of all metadata: {Claim}");
        }
    }

    private static string Value(JsonElement value) => value.ValueKind == JsonValueKind.String ? ", with a click" : ", without a click for this user";

    private static Finding Size(string token) => token.Length + CookieOverhead > CookieLimit
        ? Finding.Fault($"The token has {token.Length} bytes, and with its name does not fit in a cookie of 4 KB: browsers drop it, and nobody is signed in.", $"Make the custom claims smaller: {Claim}")
        : Finding.Ok($"The token has {token.Length} bytes; a cookie may have {CookieLimit}.");

    /// <summary>As an origin, so that nothing else of the token is repeated.</summary>
    private static string? PartyOf(JsonElement claims)
        => LenientJson.Text(claims, "azp") is { } party && WebAddress.TryParse(party, out var address) ? address.GetLeftPart(UriPartial.Authority) : null;

    /// <summary>Unchecked, as far as they can be read.</summary>
    private static JsonDocument? ReadClaims(string token)
    {
        try
        {
            var claims = token.Split('.') is [_, var middle, _] ? JsonDocument.Parse(Base64Url.DecodeFromChars(middle)) : null;
            if (claims?.RootElement.ValueKind == JsonValueKind.Object)
            {
                return claims;
            }

            claims?.Dispose();
            return null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }
}
