using Microsoft.IdentityModel.Tokens;

namespace Dub.Clerk.Authentication;

/// <summary>A refusal in the form JwtBearer expects. Made once per outcome and never thrown: bad tokens are traffic, not errors.</summary>
internal sealed class SessionTokenRefusal : SecurityTokenValidationException
{
    private static readonly SessionTokenRefusal[] All =
        [.. Enum.GetValues<SessionTokenOutcome>().Select(outcome => new SessionTokenRefusal(outcome))];

    private readonly TokenValidationResult _result;

    private SessionTokenRefusal(SessionTokenOutcome outcome)
        : base($"The session token was refused: {outcome}.")
    {
        Outcome = outcome;
        _result = new TokenValidationResult { IsValid = false, Exception = this };
    }

    public SessionTokenOutcome Outcome { get; }

    public static SessionTokenRefusal For(SessionTokenOutcome outcome) => All[(int)outcome];

    /// <summary>The answer of a token handler.</summary>
    public static TokenValidationResult ResultFor(SessionTokenOutcome outcome) => For(outcome)._result;
}
