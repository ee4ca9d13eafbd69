using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dub.Clerk.Authentication;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>Tokens made wrong in one part each, and the outcome that each must have. What the vectors cover is not repeated here.</summary>
internal static class SessionTokenAttacks
{
    private static readonly RSA WeakKey = RSA.Create(1024);

    public static readonly Dictionary<string, (Func<string> Build, SessionTokenOutcome Outcome)> All = new()
    {
        // Size and shape
        ["a machine token"] = (() => "ak_live_2b7e151628aed2a6abf7158809cf4f3c", SessionTokenOutcome.ShapeWrong),
        ["one dot"] = (() => "a.b", SessionTokenOutcome.ShapeWrong),
        ["only dots"] = (() => "..", SessionTokenOutcome.ShapeWrong),
        ["five parts, as an encrypted token"] = (() => "a.b.c.d.e", SessionTokenOutcome.ShapeWrong),
        ["quotes around it"] = (() => $"\"{Token().Build()}\"", SessionTokenOutcome.EncodingWrong),
        ["standard base64"] = (() => Token().Build().Replace('-', '+').Replace('_', '/'), SessionTokenOutcome.EncodingWrong),
        ["letters outside ASCII"] = (() => "é" + Token().Build(), SessionTokenOutcome.EncodingWrong),
        ["a stray bit in the last character"] = (() => WithStrayBit(Token().Build()), SessionTokenOutcome.EncodingWrong),
        ["just over 8 KB"] = (() => new string('a', 8193), SessionTokenOutcome.TooLong),

        // Header
        ["alg None"] = (() => Token().WithHeader("alg", "None").Build(), SessionTokenOutcome.AlgorithmNotAllowed),
        ["alg in lower case"] = (() => Token().WithHeader("alg", "rs256").Build(), SessionTokenOutcome.AlgorithmNotAllowed),
        ["alg an array"] = (() => Token().WithHeader("alg", new JsonArray("RS256")).Build(), SessionTokenOutcome.AlgorithmNotAllowed),
        ["RS512"] = (() => Token().WithHeader("alg", "RS512").Build(), SessionTokenOutcome.AlgorithmNotAllowed),
        ["typ application/at+jwt"] = (() => Token().WithHeader("typ", "application/at+jwt").Build(), SessionTokenOutcome.TypeNotAllowed),
        ["typ null"] = (() => Token().WithHeader("typ", null).Build(), SessionTokenOutcome.TypeNotAllowed),
        ["cat a number"] = (() => Token().WithHeader("cat", 1).Build(), SessionTokenOutcome.CategoryNotSession),
        ["crit empty"] = (() => Token().WithHeader("crit", new JsonArray()).Build(), SessionTokenOutcome.CriticalHeader),
        ["b64 false"] = (() => Token().WithHeader("b64", false).Build(), SessionTokenOutcome.CriticalHeader),
        ["kid a number"] = (() => Token().WithHeader("kid", 7).Build(), SessionTokenOutcome.KeyIdMalformed),
        ["kid empty"] = (() => Token().WithHeader("kid", "").Build(), SessionTokenOutcome.KeyIdMalformed),
        ["kid of 10 KB"] = (() => Token().WithHeader("kid", new string('k', 10_000)).Build(), SessionTokenOutcome.TooLong),
        ["kid of 900 bytes"] = (() => Token().WithHeader("kid", new string('k', 900)).Build(), SessionTokenOutcome.HeaderMalformed),
        ["kid of 200 bytes"] = (() => Token().WithHeader("kid", new string('k', 200)).Build(), SessionTokenOutcome.KeyIdMalformed),
        ["header an array"] = (() => Token().WithHeaderText(text => $"[{text}]").Build(), SessionTokenOutcome.HeaderMalformed),
        ["header with a byte order mark"] = (() => Token().WithHeaderText(text => '\uFEFF' + text).Build(), SessionTokenOutcome.HeaderMalformed),
        ["header with trailing bytes"] = (() => Token().WithHeaderText(text => text + "{}").Build(), SessionTokenOutcome.HeaderMalformed),
        ["header with a comment"] = (() => Token().WithHeaderText(text => text.Replace("{", "{/**/", StringComparison.Ordinal)).Build(), SessionTokenOutcome.HeaderMalformed),
        ["header with an escaped duplicate"] = (() => Token().WithHeaderText(text => text.Replace("{", "{\"\\u0061lg\":\"none\",", StringComparison.Ordinal)).Build(), SessionTokenOutcome.HeaderMalformed),
        ["header with 33 members"] = (() => Token().WithHeaderText(text => text.Replace("{", "{" + string.Concat(Enumerable.Range(0, 29).Select(i => $"\"a{i}\":0,")), StringComparison.Ordinal)).Build(), SessionTokenOutcome.HeaderMalformed),
        ["header nested deeply"] = (() => Token().WithHeader("x", JsonNode.Parse("[[[[[]]]]]")).Build(), SessionTokenOutcome.HeaderMalformed),
        ["header not UTF-8"] = (() => Token().WithHeaderBytes([(byte)'{', (byte)'"', 0xC3, (byte)'"', (byte)':', (byte)'1', (byte)'}']).Build(), SessionTokenOutcome.HeaderMalformed),

        // Key and signature
        ["another instance's key under our kid"] = (() => Token().SignedBy(TokenFixture.Other).Build(), SessionTokenOutcome.SignatureInvalid),
        ["another instance's key and kid"] = (() => Token().SignedBy(TokenFixture.Other).WithKeyIdOf(TokenFixture.Other).Build(), SessionTokenOutcome.KeyUnknown),
        ["a 1024-bit key"] = (() => Token().SignedBy(bytes => WeakKey.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)).Build(), SessionTokenOutcome.SignatureInvalid),
        ["signature with a byte more"] = (() => Token().SignedBy(bytes => [0, .. TokenFixture.Clerk.SignBytes(bytes)]).Build(), SessionTokenOutcome.SignatureInvalid),
        ["signature of all ones"] = (() => Token().SignedBy(_ => [.. Enumerable.Repeat((byte)0xFF, 256)]).Build(), SessionTokenOutcome.SignatureInvalid),
        ["x5u header"] = (() => Token().WithHeader("x5u", "https://evil.example/cert").SignedBy(TokenFixture.Other).Build(), SessionTokenOutcome.SignatureInvalid),
        ["HS256 keyed with the key set"] = (() => Token().WithHeader("alg", "HS256").SignedBy(bytes => HMACSHA256.HashData(Encoding.UTF8.GetBytes(TokenFixture.Clerk.Jwks()), bytes)).Build(), SessionTokenOutcome.AlgorithmNotAllowed),

        // Claims
        ["claims with a byte order mark"] = (() => Token().WithClaimsText(text => '\uFEFF' + text).Build(), SessionTokenOutcome.ClaimsMalformed),
        ["claims with trailing bytes"] = (() => Token().WithClaimsText(text => text + "x").Build(), SessionTokenOutcome.ClaimsMalformed),
        ["claims not UTF-8"] = (() => Token().WithClaimsBytes([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']).Build(), SessionTokenOutcome.ClaimsMalformed),
        ["duplicate exp"] = (() => Token().WithClaimsText(text => text.Replace("{\"exp\"", "{\"exp\":1900000000,\"exp\"", StringComparison.Ordinal)).Build(), SessionTokenOutcome.ClaimsMalformed),
        ["sub twice, once escaped"] = (() => Token().WithClaimsText(text => text.Replace("\"sid\"", "\"s\\u0075b\":\"user_1\",\"sid\"", StringComparison.Ordinal)).Build(), SessionTokenOutcome.ClaimsMalformed),
        ["a duplicate inside metadata"] = (() => Token().WithClaimsText(text => text.Replace("\"metadata\":{}", "\"metadata\":{\"a\":{\"dubClickId\":1,\"dubClickId\":2}}", StringComparison.Ordinal)).Build(), SessionTokenOutcome.ClaimsMalformed),
        ["half a surrogate pair"] = (() => Token().WithClaimsText(text => text.Replace("\"active\"", "\"\\ud800\"", StringComparison.Ordinal)).Build(), SessionTokenOutcome.ClaimsMalformed),
        ["nested 40 deep"] = (() => Token().WithClaimsText(text => text.Replace("{}", new string('[', 40) + new string(']', 40), StringComparison.Ordinal)).Build(), SessionTokenOutcome.ClaimsMalformed),
        ["iss with a slash"] = (() => Token().WithClaim("iss", TokenFixture.Clerk.Issuer + "/").Build(), SessionTokenOutcome.IssuerWrong),
        ["iss an array"] = (() => Token().WithClaim("iss", new JsonArray(TokenFixture.Clerk.Issuer)).Build(), SessionTokenOutcome.IssuerWrong),
        ["azp empty"] = (() => Token().WithClaim("azp", "").Build(), SessionTokenOutcome.AuthorizedPartyMalformed),
        ["azp with a suffix"] = (() => Token().WithClaim("azp", "https://app.example.com.evil.example").Build(), SessionTokenOutcome.AuthorizedPartyNotAllowed),
        ["azp with a slash"] = (() => Token().WithClaim("azp", "https://app.example.com/").Build(), SessionTokenOutcome.AuthorizedPartyNotAllowed),
        ["exp of 1e20"] = (() => Token().WithClaimsText(text => text.Replace("1800000060", "1e20", StringComparison.Ordinal)).Build(), SessionTokenOutcome.TimesMalformed),
        ["exp with a fraction"] = (() => Token().WithClaim("exp", 1_800_000_060.5).Build(), SessionTokenOutcome.TimesMalformed),
        ["exp after the year 9999"] = (() => Token().WithClaim("exp", 253_402_300_800).Build(), SessionTokenOutcome.TimesMalformed),
        ["iat missing"] = (() => Token().WithoutClaim("iat").Build(), SessionTokenOutcome.TimesMalformed),
        ["nbf a text"] = (() => Token().WithClaim("nbf", "1800000000").Build(), SessionTokenOutcome.TimesMalformed),
        ["exp 5 s ago"] = (() => Token().WithClaim("exp", 1_799_999_995).Build(), SessionTokenOutcome.Expired),
        ["iat 6 s ahead"] = (() => Token().WithClaim("iat", 1_800_000_006).Build(), SessionTokenOutcome.IssuedInFuture),
        ["sub a number"] = (() => Token().WithClaim("sub", 1).Build(), SessionTokenOutcome.SubjectNotUser),
        ["sub only the prefix"] = (() => Token().WithClaim("sub", "user_").Build(), SessionTokenOutcome.SubjectNotUser),
        ["sub with other characters"] = (() => Token().WithClaim("sub", "user_1:{x}").Build(), SessionTokenOutcome.SubjectNotUser),
        ["sid of another kind"] = (() => Token().WithClaim("sid", "client_1").Build(), SessionTokenOutcome.SessionIdMissing),
        ["sts unknown"] = (() => Token().WithClaim("sts", "revoked").Build(), SessionTokenOutcome.SessionStatusUnknown),
        ["sts null"] = (() => Token().WithClaim("sts", null).Build(), SessionTokenOutcome.SessionStatusUnknown),
        ["an expired token with a wrong azp"] = (() => Token().WithClaim("exp", 1).WithClaim("azp", "x").Build(), SessionTokenOutcome.AuthorizedPartyNotAllowed),
    };

    private static Testing.TokenBuilder Token() => TokenFixture.Token();

    /// <summary>256 bytes are 342 characters, of which the last carries four bits that must be zero.</summary>
    private static string WithStrayBit(string token) => token[..^1] + (char)(token[^1] + 1);
}
