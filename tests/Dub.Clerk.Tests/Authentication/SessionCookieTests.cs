using Dub.Clerk.Authentication;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>Which token a request brings. The decisions are those of Clerk's SDK; the parsing is RFC 6265.</summary>
public sealed class SessionCookieTests
{
    private static readonly string Suffix = TokenFixture.Rules.CookieSuffix!;
    private static readonly string Older = TokenFixture.Token().WithClaim("iat", 1_799_999_990).Build();
    private static readonly string Newer = TokenFixture.Token().WithClaim("iat", 1_799_999_999).Build();
    private static readonly string Expired = TokenFixture.Token().WithClaim("exp", 1_799_999_999).Build();
    private static readonly string Foreign = TokenFixture.Token().WithClaim("iss", TokenFixture.Other.Issuer).Build();

    public static TheoryData<string, string, string> Decisions => new()
    {
        { "only the plain one", $"__session={Older}", Older },
        { "only the suffixed one, with its mark", $"__session_{Suffix}={Older}; __client_uat_{Suffix}=1", Older },
        { "plain undecodable: it counts, and is refused later", $"__session=junk; __session_{Suffix}={Older}; __client_uat_{Suffix}=1", "junk" },
        { "plain of another instance: ours", $"__session={Foreign}; __session_{Suffix}={Older}; __client_uat_{Suffix}=1", Older },
        { "plain of another instance alone: none", $"__session={Foreign}", "" },
        { "both signed in, plain newer", $"__session={Newer}; __client_uat=5; __session_{Suffix}={Older}; __client_uat_{Suffix}=5", Newer },
        { "both signed in, suffixed newer", $"__session={Older}; __client_uat=5; __session_{Suffix}={Newer}; __client_uat_{Suffix}=5", Newer },
        { "both signed in, suffixed newer though expired", $"__session={Older}; __client_uat=5; __session_{Suffix}={Expired}; __client_uat_{Suffix}=5", Expired },
        { "suffixed signed out, plain not", $"__session={Older}; __client_uat=5; __session_{Suffix}={Newer}; __client_uat_{Suffix}=0", Older },
        { "plain signed out, suffixed expired (development)", $"__session={Older}; __client_uat=0; __session_{Suffix}={Expired}; __client_uat_{Suffix}=5", "" },
        { "plain signed out, suffixed good", $"__session={Older}; __client_uat=0; __session_{Suffix}={Newer}; __client_uat_{Suffix}=5", Newer },
        { "suffixed without its mark: plain", $"__session={Older}; __client_uat=0; __session_{Suffix}={Newer}", "" },
        { "suffixed without its mark and no plain: none", $"__session_{Suffix}={Newer}", "" },
        { "signed out everywhere, cookie left behind", $"__session={Older}; __client_uat=0; __session_{Suffix}={Older}; __client_uat_{Suffix}=0", "" },
        { "another instance's suffixed cookie", $"__session_AAAAAAAA={Older}; __client_uat_AAAAAAAA=5", "" },
        { "a name that only begins like ours", $"__sessionstate={Older}; __session_{Suffix}x={Older}", "" },
        { "suffix in another case", $"__session_{SwapCase(Suffix)}={Older}; __client_uat_{SwapCase(Suffix)}=5", "" },
    };

    [Theory, MemberData(nameof(Decisions))]
    public void Cookies_GiveTheTokenThatClerkWouldTake(string situation, string cookies, string expected)
    {
        Assert.True(expected == Find(("Cookie", cookies)), situation);
    }

    [Fact]
    public void PlainSignedOutAndSuffixedExpired_InProduction_TakesTheSuffixed()
    {
        var rules = TokenFixture.RulesOf(options =>
        {
            options.PublishableKey = options.PublishableKey!.Replace("pk_test_", "pk_live_", StringComparison.Ordinal);
        });
        var suffix = rules.CookieSuffix;
        var headers = new HeaderDictionary { ["Cookie"] = $"__session={Older}; __client_uat=0; __session_{suffix}={Expired}; __client_uat_{suffix}=5" };

        SessionTokenSource.Find(headers, rules, TokenFixture.NoneVerified, TokenFixture.Now, out var token);

        Assert.Equal(Expired, token);
    }

    /// <summary>Each of these hid the session from one of Clerk's own libraries, or made it throw.</summary>
    [Theory]
    [InlineData("""dub_partner_data={"partner":{"id":"pn_1","name":"A, B"},"discount":{"id":"d,1"}}; """)]
    [InlineData("nameless; ")]
    [InlineData("=value; ")]
    [InlineData("$Version=1; $Path=/; ")]
    [InlineData(";;; ; ")]
    [InlineData("a=\"unclosed; ")]
    [InlineData("a=b=c==; ")]
    [InlineData("emoji=\uD83D\uDE00\uD800; ")]
    public void OddCookies_HideNothing(string odd)
    {
        Assert.Equal(Older, Find(("Cookie", $"{odd}__session={Older}")));
        Assert.Equal(Older, Find(("Cookie", $"__session={Older}; {odd}")));
    }

    [Theory]
    [InlineData("__session={0}")]
    [InlineData("  __session  =  {0}  ")]
    [InlineData("\t__session=\t{0}\t;")]
    [InlineData("__session=\"{0}\"")]
    [InlineData("__session={0}; __session=other")]
    public void CookieSpelling_GivesItsValue(string header) =>
        Assert.Equal(Older, Find(("Cookie", header.Replace("{0}", Older, StringComparison.Ordinal))));

    [Fact]
    public void CookiesInSeveralHeaderLines_AreReadTogether()
    {
        var headers = new HeaderDictionary { ["Cookie"] = new(["a=1", $"__session={Older}"]) };

        Assert.Equal(SessionTokenSource.Finding.Token, SessionTokenSource.Find(headers, TokenFixture.Rules, TokenFixture.NoneVerified, TokenFixture.Now, out var token));
        Assert.Equal(Older, token);
    }

    [Theory]
    [InlineData("Bearer header", "header")]
    [InlineData("bearer header", "header")]
    [InlineData("BEARER header", "header")]
    [InlineData("header", "header")]
    [InlineData("Bearer  header", " header")]
    [InlineData("Bearer a b", "a b")]
    [InlineData("Bearer", "")]
    public void AuthorizationHeader_BeatsTheCookie(string authorization, string expected)
    {
        var headers = new HeaderDictionary { ["Authorization"] = authorization, ["Cookie"] = $"__session={Older}" };

        Assert.Equal(SessionTokenSource.Finding.Token, SessionTokenSource.Find(headers, TokenFixture.Rules, TokenFixture.NoneVerified, TokenFixture.Now, out var token));
        Assert.Equal(expected, token);
    }

    [Theory]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Digest username=x")]
    [InlineData("")]
    public void AuthorizationOfAnotherScheme_LeavesTheCookie(string authorization) =>
        Assert.Equal(Older, Find(("Authorization", authorization), ("Cookie", $"__session={Older}")));

    [Fact]
    public void TwoAuthorizationHeaders_AreAmbiguous()
    {
        var headers = new HeaderDictionary { ["Authorization"] = new(["Bearer a", "Bearer b"]), ["Cookie"] = $"__session={Older}" };

        Assert.Equal(SessionTokenSource.Finding.Repeated, SessionTokenSource.Find(headers, TokenFixture.Rules, TokenFixture.NoneVerified, TokenFixture.Now, out _));
    }

    [Fact]
    public void NoHeaders_BringNoToken()
    {
        Assert.Equal(SessionTokenSource.Finding.None, SessionTokenSource.Find(new HeaderDictionary(), TokenFixture.Rules, TokenFixture.NoneVerified, TokenFixture.Now, out _));
    }

    private static string SwapCase(string text) =>
        new([.. text.Select(c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c))]);

    private static string Find(params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers)
        {
            dictionary[name] = value;
        }

        SessionTokenSource.Find(dictionary, TokenFixture.Rules, TokenFixture.NoneVerified, TokenFixture.Now, out var token);
        return token;
    }
}
