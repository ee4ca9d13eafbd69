using Dub.Clerk.Authentication;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>One stand-in instance and the rules and keys of an app that trusts it, shared because RSA keys are slow to make.</summary>
internal static class TokenFixture
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public static readonly ClerkStandIn Clerk = new();

    /// <summary>Another instance, whose tokens are good elsewhere.</summary>
    public static readonly ClerkStandIn Other = new("other-2.clerk.accounts.dev");

    public static readonly SessionKeySet Keys = new(JwksDocument.Parse(System.Text.Encoding.UTF8.GetBytes(Clerk.Jwks())));

    public static readonly SessionTokenRules Rules = RulesOf(_ => { });

    /// <summary>Remembers nothing.</summary>
    public static readonly VerifiedTokens NoneVerified = new(0);

    public static TokenBuilder Token() => new(Clerk, Now);

    public static DubClerkOptions OptionsOf(Action<DubClerkOptions> change)
    {
        var options = new DubClerkOptions { PublishableKey = Clerk.PublishableKey, JwtKey = Clerk.PublicKeyPem };
        options.AuthorizedParties.Add("https://app.example.com");
        change(options);
        return options;
    }

    public static SessionTokenRules RulesOf(Action<DubClerkOptions> change) => SessionTokenRules.From(OptionsOf(change))!;

    public static SessionTokenOutcome Outcome(string token, SessionTokenRules? rules = null, SessionKeySet? keys = null, DateTimeOffset? now = null) =>
        SessionTokenVerifier.Verify(token, rules ?? Rules, keys ?? Keys, now ?? Now, out _);
}
