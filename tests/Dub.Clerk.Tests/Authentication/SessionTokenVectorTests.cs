using Dub.Clerk.Authentication;
using Dub.Clerk.Tests.Vectors;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>Every vector gives its recommended verdict, and for the right reason: the exact outcome is stated here for each.</summary>
public sealed class SessionTokenVectorTests
{
    public static TheoryData<string> Names => [.. JwtVectors.Cases.Select(vector => vector.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Vector_InJwksMode_GivesItsOutcome(string name)
    {
        var (_, token, recommended) = JwtVectors.Cases.Single(vector => vector.Name == name);

        var outcome = SessionTokenVerifier.Verify(token, JwtVectors.Rules, JwtVectors.JwksKeySet, JwtVectors.Now, out var verified);

        Assert.Equal(ExpectedOutcomes.Of(name).ToString(), outcome.ToString());
        Assert.Equal(ExpectedOutcomes.IsAccepted(name, recommended), verified is not null);
    }

    [Theory, MemberData(nameof(Names))]
    public void Vector_InPemMode_GivesItsOutcome(string name)
    {
        var (_, token, recommended) = JwtVectors.Cases.Single(vector => vector.Name == name);

        var outcome = SessionTokenVerifier.Verify(token, JwtVectors.Rules, JwtVectors.PemKeySet, JwtVectors.Now, out var verified);

        // PEM has no key id to compare with, so this one vector needs JWKS mode: it is signed by our key and is accepted here.
        var expected = name == "kid unknown" ? SessionTokenOutcome.Valid : ExpectedOutcomes.Of(name);
        Assert.Equal(expected.ToString(), outcome.ToString());
        Assert.Equal(name == "kid unknown" || ExpectedOutcomes.IsAccepted(name, recommended), verified is not null);
    }

    [Fact]
    public void ExpectedOutcomes_CoverEveryVectorAndAgreeWithItsRecommendation()
    {
        Assert.NotEmpty(JwtVectors.Cases);
        Assert.All(JwtVectors.Cases, vector => Assert.Equal(
            ExpectedOutcomes.IsAccepted(vector.Name, vector.Recommended), ExpectedOutcomes.Of(vector.Name) == SessionTokenOutcome.Valid));
    }
}
