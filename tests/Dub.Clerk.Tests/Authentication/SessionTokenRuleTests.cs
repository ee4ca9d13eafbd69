using System.Text.Json.Nodes;
using Dub.Clerk.Authentication;

namespace Dub.Clerk.Tests.Authentication;

public sealed class SessionTokenRuleTests
{
    public static TheoryData<string> Attacks => [.. SessionTokenAttacks.All.Keys];

    [Theory, MemberData(nameof(Attacks))]
    public void Attack_IsRefusedForItsReason(string name)
    {
        var (build, expected) = SessionTokenAttacks.All[name];

        Assert.Equal(expected, TokenFixture.Outcome(build()));
    }

    [Fact]
    public void EveryRefusalOfTheVerifier_HasAnAttackOrVector()
    {
        var shown = SessionTokenAttacks.All.Values.Select(attack => attack.Outcome)
            .Concat(Vectors.JwtVectors.Cases.Select(vector => ExpectedOutcomes.Of(vector.Name)))
            .ToHashSet();

        // Not the verifier's to see: two headers, no configuration, no keys. ClerkSchemeTests and JwksKeysTests show them.
        var elsewhere = new[] { SessionTokenOutcome.AuthorizationRepeated, SessionTokenOutcome.NotConfigured, SessionTokenOutcome.KeysUnavailable };
        Assert.Empty(Enum.GetValues<SessionTokenOutcome>().Except(shown).Except(elsewhere));
    }

    [Fact]
    public void MintedToken_IsValid() => Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(TokenFixture.Token().Build()));

    [Theory]
    [InlineData("exp", -4)]
    [InlineData("nbf", 5)]
    [InlineData("iat", 5)]
    public void TimeAtTheEdgeOfTheSkew_IsAccepted(string claim, int offset) =>
        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(TokenFixture.Token().WithClaim(claim, 1_800_000_000 + offset).Build()));

    [Theory]
    [InlineData("cl_I7d4PD111III")]
    [InlineData(null)]
    public void CategoryWithoutClassOrAbsent_IsAccepted(string? category)
    {
        var token = category is null ? TokenFixture.Token().WithoutHeader("cat") : TokenFixture.Token().WithHeader("cat", category);

        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(token.Build()));
    }

    [Fact]
    public void UnknownHeaderFields_AreIgnored() =>
        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(TokenFixture.Token().WithHeader("oiat", 1_800_000_000).Build()));

    [Fact]
    public void EscapedTextInClaims_ReadsAsItsCharacters()
    {
        var token = TokenFixture.Token().WithClaimsText(text => text.Replace("\"azp\":\"https:", "\"azp\":\"\\u0068ttps:", StringComparison.Ordinal));

        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(token.Build()));
    }

    [Fact]
    public void AnyAuthorizedPartyAllowed_AcceptsOthersAndNoneButNotNonsense()
    {
        var rules = TokenFixture.RulesOf(options => options.AllowAnyAuthorizedParty = true);

        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(TokenFixture.Token().WithClaim("azp", "https://other.example").Build(), rules));
        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(TokenFixture.Token().WithoutClaim("azp").Build(), rules));
        Assert.Equal(
            SessionTokenOutcome.AuthorizedPartyMalformed,
            TokenFixture.Outcome(TokenFixture.Token().WithClaim("azp", new JsonArray("https://other.example")).Build(), rules));
    }

    [Fact]
    public void EmptyListOfAuthorizedParties_AcceptsAny()
    {
        var rules = TokenFixture.RulesOf(options => options.AuthorizedParties.Clear());

        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(TokenFixture.Token().WithClaim("azp", "https://other.example").Build(), rules));
    }

    [Fact]
    public void MissingAuthorizedPartyAllowed_AcceptsNoneButStillChecksTheRest()
    {
        var rules = TokenFixture.RulesOf(options => options.AllowMissingAuthorizedParty = true);

        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(TokenFixture.Token().WithoutClaim("azp").Build(), rules));
        Assert.Equal(
            SessionTokenOutcome.AuthorizedPartyNotAllowed,
            TokenFixture.Outcome(TokenFixture.Token().WithClaim("azp", "https://other.example").Build(), rules));
    }

    [Fact]
    public void MetadataWithManyMembers_IsAccepted()
    {
        var metadata = new JsonObject();
        for (var i = 0; i < 300; i++)
        {
            metadata[$"flag{i}"] = true;
        }

        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(TokenFixture.Token().WithClaim("metadata", metadata).Build()));
    }

    [Fact]
    public void TwoKeysUnderOneKeyId_AreBothTried()
    {
        var sameId = TokenFixture.Other.Jwks().Replace(TokenFixture.Other.InstanceId, TokenFixture.Clerk.InstanceId, StringComparison.Ordinal);
        var both = JsonNode.Parse(sameId)!.AsObject();
        both["keys"]!.AsArray().Add(JsonNode.Parse(TokenFixture.Clerk.Jwks())!["keys"]![0]!.DeepClone());
        var keys = new SessionKeySet(JwksDocument.Parse(System.Text.Encoding.UTF8.GetBytes(both.ToJsonString())));

        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(TokenFixture.Token().Build(), keys: keys));
    }

    [Fact]
    public void NoKeys_RefusesEverything() =>
        Assert.Equal(SessionTokenOutcome.KeysUnavailable, TokenFixture.Outcome(TokenFixture.Token().Build(), keys: SessionKeySet.None));
}
