using Dub.Clerk.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Dub.Clerk.Authentication;

/// <summary>Puts Clerk's rules in the place of the general token handler inside JwtBearer, so that JwtBearer's events and options keep
/// working. Its <see cref="TokenValidationParameters"/> are not consulted: they cannot make a rule weaker.</summary>
internal sealed partial class SessionTokenHandler(
    ClerkInstance instance, TimeProvider time, DubClerkMetrics metrics, ILogger<SessionTokenHandler> logger) : TokenHandler
{
    public override int MaximumTokenSizeInBytes => CompactToken.MaxLength;

    // A cache of verified tokens belongs in front of this call: same bytes, same rules and keys, until the token expires.
    public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        var (_, rules, source) = instance.Current;
        if (rules is null || source is null)
        {
            return Refuse(SessionTokenOutcome.NotConfigured);
        }

        return source.IsOverdue ? ValidateOverdueAsync(token, rules, source) : Validate(token, rules, source);
    }

    private async Task<TokenValidationResult> ValidateOverdueAsync(string token, SessionTokenRules rules, ISessionKeySource source)
    {
        await source.RefreshAsync(source.Current);
        return await Validate(token, rules, source);
    }

    private Task<TokenValidationResult> Validate(string token, SessionTokenRules rules, ISessionKeySource source)
    {
        var keys = source.Current;
        var outcome = SessionTokenVerifier.Verify(token, rules, keys, time.GetUtcNow(), out var verified);
        if (!MayBeOurKeys(outcome))
        {
            return Answer(outcome, verified);
        }

        if (outcome != SessionTokenOutcome.KeysUnavailable && IsHopeless(token, rules))
        {
            return Refuse(outcome);
        }

        var refresh = source.RefreshAsync(keys);
        return refresh.IsCompletedSuccessfully && !refresh.Result
            ? Refuse(outcome)
            : ValidateAfterAsync(refresh, token, rules, source, outcome);
    }

    /// <summary>Refusals for which newer keys could change the answer. A bad signature is one: Clerk's key id is the instance's id, so a
    /// new key can come under the old one.</summary>
    private static bool MayBeOurKeys(SessionTokenOutcome outcome) =>
        outcome is SessionTokenOutcome.KeysUnavailable or SessionTokenOutcome.KeyUnknown or SessionTokenOutcome.SignatureInvalid;

    /// <summary>No key could save it: it says itself that it has expired, or is another instance's. Browsers keep session cookies for a year, so
    /// after a rotation most tokens of unknown keys are such.</summary>
    private bool IsHopeless(string token, SessionTokenRules rules)
    {
        var says = UnverifiedToken.Read(token);
        return says.ExpiresAt < time.GetUtcNow().ToUnixTimeSeconds() || (says.Issuer is not null && says.Issuer != rules.IssuerHost);
    }

    private async Task<TokenValidationResult> ValidateAfterAsync(
        Task<bool> refresh, string token, SessionTokenRules rules, ISessionKeySource source, SessionTokenOutcome outcome)
    {
        ClerkSessionToken? verified = null;
        if (await refresh)
        {
            outcome = SessionTokenVerifier.Verify(token, rules, source.Current, time.GetUtcNow(), out verified);
        }

        return await Answer(outcome, verified);
    }

    private Task<TokenValidationResult> Answer(SessionTokenOutcome outcome, ClerkSessionToken? verified)
    {
        if (verified is null)
        {
            return Refuse(outcome);
        }

        metrics.SessionTokenChecked(SessionTokenOutcome.Valid);
        return Task.FromResult(new TokenValidationResult { IsValid = true, ClaimsIdentity = verified.Identity, SecurityToken = verified });
    }

    private Task<TokenValidationResult> Refuse(SessionTokenOutcome outcome)
    {
        Report(outcome);
        return SessionTokenRefusal.ResultFor(outcome);
    }

    /// <summary>Counts and logs a refusal, by whoever must act: a stranger's token informs, our missing keys warn.</summary>
    public void Report(SessionTokenOutcome outcome)
    {
        metrics.SessionTokenChecked(outcome);
        switch (outcome)
        {
            case SessionTokenOutcome.Expired:
                Log.Expired(logger);
                break;
            // An API key, or another scheme's token: its owner does not speak to us.
            case SessionTokenOutcome.ShapeWrong:
                Log.NotOurs(logger);
                break;
            case SessionTokenOutcome.NotConfigured or SessionTokenOutcome.KeysUnavailable:
                Log.Uncheckable(logger, outcome);
                break;
            default:
                Log.Refused(logger, outcome);
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SessionTokenRefused, LogLevel.Information, "A session token was refused: {Outcome}.")]
        public static partial void Refused(ILogger logger, SessionTokenOutcome outcome);

        [LoggerMessage(EventIds.SessionTokenExpired, LogLevel.Debug, "A session token was refused: it has expired.")]
        public static partial void Expired(ILogger logger);

        [LoggerMessage(EventIds.SessionTokenOfAnotherKind, LogLevel.Debug, "A bearer value that is no session token was passed over.")]
        public static partial void NotOurs(ILogger logger);

        [LoggerMessage(EventIds.SessionTokensUncheckable, LogLevel.Warning, "A session token was refused because it cannot be checked: {Outcome}. Check CLERK_PUBLISHABLE_KEY, CLERK_JWT_KEY and DubClerk:AuthorizedParties, and whether Clerk can be reached.")]
        public static partial void Uncheckable(ILogger logger, SessionTokenOutcome outcome);
    }
}
