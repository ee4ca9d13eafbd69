using System.Net;
using Dub.Clerk.Authentication;
using Dub.Clerk.Testing;
using Dub.Clerk.Tests.Vectors;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>The vectors once more, through a real app on Kestrel: every case that HTTP can carry, as a header and as a cookie.</summary>
public sealed class SessionTokenVectorHttpTests : IClassFixture<SessionTokenVectorHttpTests.Apps>
{
    /// <summary>A header value cannot hold a line end: the client refuses to send it. <see cref="SessionTokenVectorTests"/> runs it directly.</summary>
    private static readonly string[] NotCarriedByHttp = ["trailing newline"];

    /// <summary>White space around a cookie value, and an empty one, are no part of it: these arrive as another token or as none.</summary>
    private static readonly string[] NotCarriedByCookie = ["leading space", "empty"];

    /// <summary>The second time a valid token is remembered.</summary>
    private static readonly int[] ColdAndWarm = [1, 2];

    private readonly Apps _apps;

    public SessionTokenVectorHttpTests(Apps apps) => _apps = apps;

    public static TheoryData<string> Carried => [.. JwtVectors.Cases.Select(vector => vector.Name).Except(NotCarriedByHttp)];

    public static TheoryData<string> CarriedByCookie => [.. JwtVectors.Cases.Select(vector => vector.Name).Except(NotCarriedByHttp).Except(NotCarriedByCookie)];

    [Theory, MemberData(nameof(Carried))]
    public async Task VectorInHeader_WithPemKey_GivesItsStatus(string name)
    {
        foreach (var _ in ColdAndWarm)
        {
            using var response = await _apps.Pem.GetAsync("/me", ("Authorization", "Bearer " + TokenOf(name)));

            // PEM has no key id, so this one needs JWKS mode to be refused.
            await AssertStatusAsync(name == "kid unknown" || IsValid(name), response);
        }
    }

    [Theory, MemberData(nameof(Carried))]
    public async Task VectorInHeader_WithKeySet_GivesItsStatus(string name)
    {
        foreach (var _ in ColdAndWarm)
        {
            using var response = await _apps.Jwks.GetAsync("/me", ("Authorization", "Bearer " + TokenOf(name)));

            await AssertStatusAsync(IsValid(name), response);
        }
    }

    [Theory, MemberData(nameof(CarriedByCookie))]
    public async Task VectorInCookie_WithKeySet_GivesItsStatus(string name)
    {
        // Cookies of another issuer belong to another instance: no token of ours, so nothing is invalid either.
        var isOthers = ExpectedOutcomes.Of(name) == SessionTokenOutcome.IssuerWrong && name != "iss missing" && name != "iss http";
        foreach (var _ in ColdAndWarm)
        {
            using var response = await _apps.Jwks.GetAsync("/me", ("Cookie", "theme=dark; __session=" + TokenOf(name)));

            await AssertStatusAsync(IsValid(name), response, challenge: isOthers ? "Bearer" : "Bearer error=\"invalid_token\"");
        }
    }

    [Fact]
    public void CasesThatHttpCannotCarry_AreStillVectors() =>
        Assert.All(NotCarriedByHttp.Concat(NotCarriedByCookie), name => Assert.Contains(JwtVectors.Cases, vector => vector.Name == name));

    private static bool IsValid(string name) => ExpectedOutcomes.Of(name) == SessionTokenOutcome.Valid;

    private static string TokenOf(string name) => JwtVectors.Cases.Single(vector => vector.Name == name).Token;

    private static async Task AssertStatusAsync(bool accepted, HttpResponseMessage response, string challenge = "Bearer error=\"invalid_token\"")
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(accepted ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, response.StatusCode);
        if (accepted)
        {
            Assert.StartsWith("user_", body, StringComparison.Ordinal);
        }
        else
        {
            Assert.Empty(body);
            Assert.Equal(challenge, response.Headers.WwwAuthenticate.ToString());
        }
    }

    public sealed class Apps : IAsyncLifetime
    {
        private JwksServer? _server;

        internal ClerkApp Pem { get; private set; } = null!;

        internal ClerkApp Jwks { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _server = await JwksServer.StartAsync(JwtVectors.Jwks);
            Pem = await ClerkApp.StartAsync(JwtVectors.Now, options => JwtVectors.Apply(options, pem: true));
            Jwks = await ClerkApp.StartAsync(JwtVectors.Now, options => JwtVectors.Apply(options, pem: false, _server.Address));
        }

        public async ValueTask DisposeAsync()
        {
            await Pem.DisposeAsync();
            await Jwks.DisposeAsync();
            await _server!.DisposeAsync();
        }
    }
}
