using System.Security.Claims;
using System.Text.Json.Nodes;
using Dub.Clerk.Authentication;
using Dub.Clerk.Testing;
using Dub.Clerk.Tests.Vectors;

namespace Dub.Clerk.Tests.Authentication;

public sealed class ClerkPrincipalTests
{
    private const string ClickId = "AbCdEfGh01234567";

    [Fact]
    public void SignedInUser_HasClerkIdsAndClaimsUnderClerksNames()
    {
        var user = UserOf(TokenFixture.Token().WithClaim("sid", "sess_1").WithClaim("vip", true).WithClaim("nothing", null));

        Assert.Equal("user_29w83sxmDNGwOuEthce5gg56FcC", user.GetClerkUserId());
        Assert.Equal("sess_1", user.GetClerkSessionId());
        Assert.Equal("user_29w83sxmDNGwOuEthce5gg56FcC", user.Identity!.Name);
        Assert.Equal("Clerk", user.Identity.AuthenticationType);
        Assert.Equal("https://app.example.com", user.FindFirstValue("azp"));
        Assert.Equal("true", user.FindFirstValue("vip"));
        Assert.Equal(["0", "-1"], user.FindAll("fva").Select(claim => claim.Value));
        Assert.Null(user.FindFirst("nothing"));
        Assert.Null(user.FindFirst(ClaimTypes.NameIdentifier));
        Assert.All(user.Claims, claim => Assert.Equal(TokenFixture.Clerk.Issuer, claim.Issuer));
    }

    [Fact]
    public void VerifiedToken_KnowsItsLifetimeAndNoKeys()
    {
        SessionTokenVerifier.Verify(TokenFixture.Token().WithClaim("jti", "j1").Build(), TokenFixture.Rules, TokenFixture.Keys, TokenFixture.Now, out var token);

        Assert.Equal(TokenFixture.Now.UtcDateTime, token!.ValidFrom);
        Assert.Equal(TokenFixture.Now.AddSeconds(60).UtcDateTime, token.ValidTo);
        Assert.Equal("j1", token.Id);
        Assert.Equal(TokenFixture.Clerk.Issuer, token.Issuer);
        Assert.Null(token.SecurityKey);
        Assert.Null(token.SigningKey);
    }

    [Fact]
    public void MetadataObject_IsOneJsonClaimWithTheClick()
    {
        var user = UserOf(TokenFixture.Token().WithClaim("metadata", new JsonObject { ["a"] = new JsonArray(1, 2), ["dubClickId"] = ClickId }));

        Assert.Equal("""{"a":[1,2],"dubClickId":"AbCdEfGh01234567"}""", user.FindFirstValue("metadata"));
        Assert.Equal(ClickId, user.GetDubClickId());
        Assert.True(user.HasDubClickClaim());
    }

    [Fact]
    public void DottedClaim_GivesTheClick()
    {
        var user = UserOf(TokenFixture.Token().WithoutClaim("metadata").WithClaim("dubClickId", ClickId));

        Assert.Equal(ClickId, user.GetDubClickId());
        Assert.True(user.HasDubClickClaim());
    }

    [Theory]
    [InlineData("n/a")]
    [InlineData("AbCdEfGh0123456")]
    [InlineData("AbCdEfGh012345678")]
    [InlineData("AbCdEfGh0123456-")]
    [InlineData("AbCdEfGh0123456é")]
    public void TextThatIsNoClickId_IsAnAnswerButNoClick(string text)
    {
        var user = UserOf(TokenFixture.Token().WithClaim("metadata", new JsonObject { ["dubClickId"] = text }));

        Assert.Null(user.GetDubClickId());
        Assert.True(user.HasDubClickClaim());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"dubClickId":null}""")]
    [InlineData("""{"dubClickId":""}""")]
    [InlineData("""{"dubClickId":1}""")]
    [InlineData("""{"nested":{"dubClickId":"AbCdEfGh01234567"}}""")]
    [InlineData("\"AbCdEfGh01234567\"")]
    [InlineData("[1]")]
    [InlineData("null")]
    public void MetadataWithoutAnAnswer_HasNoClick(string metadata)
    {
        var user = UserOf(TokenFixture.Token().WithClaim("metadata", JsonNode.Parse(metadata)));

        Assert.Null(user.GetDubClickId());
        Assert.False(user.HasDubClickClaim());
    }

    [Fact]
    public void IdentityOfAnotherScheme_IsNotBelieved()
    {
        var stranger = new ClaimsIdentity(
            [new Claim("sub", "user_1"), new Claim("sid", "sess_1"), new Claim("dubClickId", ClickId), new Claim("org_id", "org_1")], "Cookies");
        var user = new ClaimsPrincipal(stranger);

        Assert.Null(user.GetClerkUserId());
        Assert.Null(user.GetClerkSessionId());
        Assert.Null(user.GetDubClickId());
        Assert.False(user.HasDubClickClaim());
        Assert.Null(user.GetClerkOrganization());
    }

    [Fact]
    public void OurIdentityBesideAnother_IsFound()
    {
        var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "someone")], "Cookies"));
        user.AddIdentity((ClaimsIdentity)UserOf(TokenFixture.Token()).Identity!);

        Assert.Equal("user_29w83sxmDNGwOuEthce5gg56FcC", user.GetClerkUserId());
    }

    [Fact]
    public void Version1Organization_IsRead()
    {
        var organization = UserOf("valid v1 org claims").GetClerkOrganization();

        Assert.NotNull(organization);
        Assert.StartsWith("org_", organization.Id, StringComparison.Ordinal);
        Assert.Equal("acme", organization.Slug);
        Assert.Equal("org:admin", organization.Role);
        Assert.NotEmpty(organization.Permissions);
    }

    [Fact]
    public void Version2Organization_IsReadWithPrefixAndPermissions()
    {
        var organization = UserOf("valid v2 compact org").GetClerkOrganization();

        Assert.NotNull(organization);
        Assert.Equal("acme", organization.Slug);
        Assert.Equal("org:admin", organization.Role);
        Assert.Equal(["org:dashboard:manage", "org:dashboard:read", "org:teams:read"], organization.Permissions);
        Assert.True(organization.HasPermission("org:teams:read"));
        Assert.False(organization.HasPermission("org:teams:manage"));
    }

    [Theory]
    [InlineData("u:x,o:a,uo:b", "p,q", "1,2", "org:a:p org:b:q")]
    [InlineData("o:a", "p", "1,7,7", "org:a:p")]
    [InlineData("o:a,o:b", "p", "1", "org:a:p")]
    [InlineData("o:a", "p,q", "x", "")]
    [InlineData("o:a", "p,q", "-1", "")]
    [InlineData("a,:b,", "p", "1,1", "")]
    public void CompactPermissions_FollowTheOrganizationFeaturesOnly(string features, string names, string maps, string expected)
    {
        var user = UserOf(TokenFixture.Token().WithClaim("fea", features)
            .WithClaim("o", new JsonObject { ["id"] = "org_1", ["per"] = names, ["fpm"] = maps }));

        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), user.GetClerkOrganization()!.Permissions);
    }

    [Fact]
    public void CompactPermissionsBeyond64Bits_AreRead()
    {
        var names = string.Join(',', Enumerable.Range(0, 80).Select(i => $"p{i}"));
        var map = (System.Numerics.BigInteger.One << 79).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var user = UserOf(TokenFixture.Token().WithClaim("fea", "o:a")
            .WithClaim("o", new JsonObject { ["id"] = "org_1", ["rol"] = "member", ["per"] = names, ["fpm"] = map }));

        Assert.Equal(["org:a:p79"], user.GetClerkOrganization()!.Permissions);
        Assert.Equal("org:member", user.GetClerkOrganization()!.Role);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"id":1}""")]
    [InlineData("\"org_1\"")]
    public void OrganizationClaimWithoutId_IsNone(string claim) =>
        Assert.Null(UserOf(TokenFixture.Token().WithClaim("o", JsonNode.Parse(claim))).GetClerkOrganization());

    private static ClaimsPrincipal UserOf(TokenBuilder token) => UserOf(token.Build(), TokenFixture.Rules, TokenFixture.Keys);

    private static ClaimsPrincipal UserOf(string vector) =>
        UserOf(JwtVectors.Cases.Single(entry => entry.Name == vector).Token, JwtVectors.Rules, JwtVectors.PemKeySet);

    private static ClaimsPrincipal UserOf(string token, SessionTokenRules rules, SessionKeySet keys)
    {
        Assert.Equal(SessionTokenOutcome.Valid, SessionTokenVerifier.Verify(token, rules, keys, TokenFixture.Now, out var verified));
        return new ClaimsPrincipal(verified!.Identity);
    }
}
