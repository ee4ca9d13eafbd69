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

    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
        => await CheckAsync(token) switch
        {
            // With an identity of its own: the app may add to it.
            { Accepted: { } accepted } => new TokenValidationResult { IsValid = true, ClaimsIdentity = accepted.Token.Identity.Clone(), SecurityToken = accepted.Token },
            var refused => SessionTokenRefusal.ResultFor(refused.Outcome),
        };

    /// <summary>Whether the token counts. What was verified before, with the keys in force, is looked up: the answer is the one that verifying it again
    /// would give. Counts and logs.</summary>
    public ValueTask<Verdict> CheckAsync(string token)
    {
        var (_, rules, source, remembered) = instance.Current;
        return rules is null || source is null ? new(Refused(SessionTokenOutcome.NotConfigured))
            : source.IsOverdue ? new(CheckOverdueAsync(token, rules, source, remembered))
            : Recall(remembered, source, token) is { } entry ? new(Accepted(entry))
            : Check(token, rules, source, remembered);
    }

    private VerifiedTokens.Entry? Recall(VerifiedTokens remembered, ISessionKeySource source, string token)
        => remembered.Find(token) is { } entry && entry.Keys == source.Current
            && entry.Token.Times.Check(time.GetUtcNow().ToUnixTimeSeconds()) == SessionTokenOutcome.Valid
            ? entry
            : null;

    private async Task<Verdict> CheckOverdueAsync(string token, SessionTokenRules rules, ISessionKeySource source, VerifiedTokens remembered)
    {
        await source.RefreshAsync(source.Current);
        return await Check(token, rules, source, remembered);
    }

    private ValueTask<Verdict> Check(string token, SessionTokenRules rules, ISessionKeySource source, VerifiedTokens remembered)
    {
        var keys = source.Current;
        var outcome = SessionTokenVerifier.Verify(token, rules, keys, time.GetUtcNow(), out var verified);
        if (verified is not null)
        {
            return new(Accepted(token, verified, keys, remembered));
        }

        if (!MayBeOurKeys(outcome) || (outcome != SessionTokenOutcome.KeysUnavailable && IsHopeless(token, rules)))
        {
            return new(Refused(outcome));
        }

        var refresh = source.RefreshAsync(keys);
        return refresh.IsCompletedSuccessfully && !refresh.Result
            ? new(Refused(outcome))
            : new(CheckAfterAsync(refresh, token, rules, source, remembered, outcome));
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

    private async Task<Verdict> CheckAfterAsync(
        Task<bool> refresh, string token, SessionTokenRules rules, ISessionKeySource source, VerifiedTokens remembered, SessionTokenOutcome outcome)
    {
        if (await refresh)
        {
            var keys = source.Current;
            outcome = SessionTokenVerifier.Verify(token, rules, keys, time.GetUtcNow(), out var verified);
            if (verified is not null)
            {
                return Accepted(token, verified, keys, remembered);
            }
        }

        return Refused(outcome);
    }

    private Verdict Accepted(string token, ClerkSessionToken verified, SessionKeySet keys, VerifiedTokens remembered)
    {
        var entry = new VerifiedTokens.Entry(token, verified, keys);
        remembered.Add(entry);
        return Accepted(entry);
    }

    private Verdict Accepted(VerifiedTokens.Entry entry)
    {
        metrics.SessionTokenChecked(SessionTokenOutcome.Valid);
        return new Verdict(SessionTokenOutcome.Valid, entry);
    }

    private Verdict Refused(SessionTokenOutcome outcome)
    {
        Report(outcome);
        return new Verdict(outcome, null);
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

    /// <param name="Outcome">Why it does not count, or <see cref="SessionTokenOutcome.Valid"/>.</param>
    /// <param name="Accepted">The token that does.</param>
    internal readonly record struct Verdict(SessionTokenOutcome Outcome, VerifiedTokens.Entry? Accepted);

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
