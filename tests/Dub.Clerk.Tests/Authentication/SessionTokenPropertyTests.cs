using System.Text;
using System.Text.Json;
using CsCheck;
using Dub.Clerk.Authentication;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>What must hold for every input, tried on generated ones.</summary>
public sealed class SessionTokenPropertyTests
{
    private static readonly string Valid = TokenFixture.Token().Build();
    private static readonly string Foreign = TokenFixture.Token().WithClaim("iss", TokenFixture.Other.Issuer).Build();

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <summary>Bytes that make JSON more often than chance would.</summary>
    private static readonly Gen<string> JsonText = Gen.OneOf(
        Gen.OneOf(
            "{", "}", "[", "]", ",", ":", " ", "\n", "\"", "\\", "\"a\"", "\"b\"", "\"\\u0061\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\x\"",
            "{\"a\":1}", "\"a\":", "\"sub\":", "[]", "{}", "0", "-1", "01", "1.5", "1.", "1e9", "1e", "-", "true", "false", "null", "nul", "é", "\t",
            "\u0001", "//", "/**/"),
        Gen.String[0, 3]).Array[0, 12].Select(parts => "{" + string.Concat(parts) + "}");

    [Fact]
    public void AnyChangedCharacterOfAValidToken_IsRefused() =>
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Char).Where((at, with) => Valid[at] != with).Sample(
            (at, with) => TokenFixture.Outcome(Valid[..at] + with + Valid[(at + 1)..]) != SessionTokenOutcome.Valid, iter: Inputs.Count);

    [Fact]
    public void AnyChangedLetterOfAValidToken_IsRefused() =>
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Char["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.+/ "])
            .Where((at, with) => Valid[at] != with)
            .Sample((at, with) => TokenFixture.Outcome(Valid[..at] + with + Valid[(at + 1)..]) != SessionTokenOutcome.Valid, iter: Inputs.Count);

    [Fact]
    public void AnyCutOrStretchedToken_IsRefused() =>
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Int[1, 8], Gen.String[1, 8]).Sample(
            (at, length, text) =>
                TokenFixture.Outcome(Valid.Remove(at, Math.Min(length, Valid.Length - at))) != SessionTokenOutcome.Valid
                && TokenFixture.Outcome(Valid.Insert(at, text)) != SessionTokenOutcome.Valid
                && TokenFixture.Outcome(Valid + text) != SessionTokenOutcome.Valid,
            iter: Inputs.Count);

    [Fact]
    public void AnyTextInPlaceOfAToken_IsRefusedWithoutAnException() =>
        Gen.OneOf(Gen.String, Gen.Select(Gen.String, Gen.String, Gen.String, (header, claims, end) => $"{Encoded(header)}.{Encoded(claims)}.{Encoded(end)}"))
            .Sample(text => TokenFixture.Outcome(text) != SessionTokenOutcome.Valid, iter: Inputs.Count);

    [Fact]
    public void AnyHeaderUnderAGoodSignature_NeverThrows() =>
        JsonText.Sample(
            text => Enum.IsDefined(TokenFixture.Outcome(TokenFixture.Token().SignedBy(_ => new byte[256]).WithHeaderText(_ => text).Build())),
            iter: Inputs.Count);

    [Fact]
    public void AnyClaims_AreReadOrRefusedWithoutAnException() =>
        JsonText.Sample(
            text => Enum.IsDefined(SessionTokenClaims.Check(Encoding.UTF8.GetBytes(text), TokenFixture.Rules, 1_800_000_000, out _)), iter: Inputs.Count);

    /// <summary>Our grammar is ours only because the framework's reader throws: they must agree on every input.</summary>
    [Fact]
    public void StrictJson_AgreesWithTheFrameworkOnEveryText() =>
        JsonText.Sample(
            text =>
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                return StrictJson.IsObject(bytes, 32, 2048) == IsObjectByFramework(bytes);
            },
            iter: Inputs.Count);

    [Fact]
    public void StrictJson_AgreesWithTheFrameworkOnEveryByteChange()
    {
        var json = Encoding.UTF8.GetBytes("""{"a":{"b":[1,-2.5e+3,true,null,"\u00e9\n\ud83d\ude00"],"é":""},"c":false,"b":{"a":[{},[]]}}""");
        Gen.Select(Gen.Int[0, json.Length - 1], Gen.Byte, Gen.Int[0, json.Length - 1], Gen.Byte).Sample(
            (first, firstByte, second, secondByte) =>
            {
                var changed = json.ToArray();
                changed[first] = firstByte;
                changed[second] = secondByte;
                return StrictJson.IsObject(changed, 32, 2048) == IsObjectByFramework(changed);
            },
            iter: Inputs.Count);
    }

    [Fact]
    public void AnyCookieHeader_NeverThrowsNorSelectsAnotherInstancesSession()
    {
        var suffix = TokenFixture.Rules.CookieSuffix;
        var name = Gen.OneOf(
            Gen.OneOf(
                "__session", $"__session_{suffix}", "__client_uat", $"__client_uat_{suffix}", "__session_AAAAAAAA", "__client_uat_AAAAAAAA", "__sessionstate", "", "$Path"),
            Gen.String[0, 5]);
        var value = Gen.OneOf(Gen.OneOf(Valid, Foreign, "0", "1800000000", "", "\"", "\"\"", "a,b", "{\"a\":\"b,c\"}", "="), Gen.String[0, 8]);
        var pair = Gen.Select(name, Gen.OneOf("=", "", " = ", "=="), value, Gen.OneOf("; ", ";", ",", ""), (n, e, v, s) => n + e + v + s);
        pair.Array[0, 10].Array[1, 2].Sample(
            lines =>
            {
                var headers = new HeaderDictionary { ["Cookie"] = lines.Select(pairs => string.Concat(pairs)).ToArray() };
                SessionTokenSource.Find(headers, TokenFixture.Rules, TokenFixture.NoneVerified, TokenFixture.Now, out var token);
                var cookies = SessionCookies.Read(headers["Cookie"], suffix);

                // A token of another instance can only come out of the cookie that bears our own name, and is refused for its issuer.
                return UnverifiedToken.Read(token).Issuer is not { } issuer
                    || issuer == TokenFixture.Rules.IssuerHost
                    || (cookies.SuffixedSession.SequenceEqual(token) && TokenFixture.Outcome(token) != SessionTokenOutcome.Valid);
            },
            iter: Inputs.Count);
    }

    [Fact]
    public void AnyAuthorizationHeader_NeverThrowsNorFallsBack() =>
        Gen.Select(Gen.OneOf("Bearer", "bearer", "BEARER"), Gen.OneOf(" ", "  ", "\t"), Gen.String).Sample(
            (scheme, space, text) =>
            {
                var headers = new HeaderDictionary { ["Authorization"] = scheme + space + text, ["Cookie"] = "__session=" + Valid };
                var finding = SessionTokenSource.Find(headers, TokenFixture.Rules, TokenFixture.NoneVerified, TokenFixture.Now, out var token);
                return token != Valid && finding == SessionTokenSource.Finding.Token;
            },
            iter: Inputs.Count);

    [Fact]
    public void AnyTextAsKeyOrSetting_IsRefusedWithASentence() =>
        Gen.OneOf(Gen.String, Gen.String.Select(text => "pk_live_" + text), Gen.String.Select(text => $"-----BEGIN PUBLIC KEY-----{text}-----END PUBLIC KEY-----")).Sample(
            text =>
                !PemKeys.TryParse(text, out _, out var pemError) && pemError.Length > 0
                && (PublishableKey.TryParse(text, out var key, out var keyError) ? Uri.CheckHostName(key.FrontendApiHost) == UriHostNameType.Dns : keyError.Length > 0),
            iter: Inputs.Count);

    private static string Encoded(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static bool IsObjectByFramework(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object && AllTextsReadable(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The framework finds broken surrogates and UTF-8 only when a text is read.</summary>
    private static bool AllTextsReadable(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().All(member => member.Name is not null && AllTextsReadable(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().All(AllTextsReadable),
        JsonValueKind.String => element.GetString() is not null,
        _ => true,
    };
}
