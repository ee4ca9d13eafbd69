using Dub.Clerk.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Authentication;

/// <summary>What the options in force make of the Clerk instance: the rules for its tokens and the keys that sign them.</summary>
internal sealed class ClerkInstance(
    LiveOptions options, IHttpClientFactory clients, TimeProvider time, DubClerkMetrics metrics, ILogger<JwksKeys> logger,
    IHostEnvironment? environment = null)
{
    private readonly Lock _gate = new();
    private volatile Snapshot? _current;
    private (Uri Address, JwksKeys Keys)? _jwks;

    public Snapshot Current
    {
        get
        {
            var inForce = options.Current;
            return _current is { } current && ReferenceEquals(current.Options, inForce) ? current : Apply(inForce);
        }
    }

    private Snapshot Apply(DubClerkOptions inForce)
    {
        lock (_gate)
        {
            return _current = new Snapshot(
                inForce, SessionTokenRules.LacksAuthorizedParties(inForce, environment) ? null : SessionTokenRules.From(inForce), KeysFrom(inForce),
                new VerifiedTokens(inForce.SessionTokenCacheSize));
        }
    }

    private ISessionKeySource? KeysFrom(DubClerkOptions inForce)
    {
        if (!string.IsNullOrWhiteSpace(inForce.JwtKey))
        {
            return PemKeys.TryParse(inForce.JwtKey, out var keys, out _) ? keys : null;
        }

        _ = PublishableKey.TryParse(inForce.PublishableKey, out var publishable, out _);
        if ((inForce.JwksAddress ?? publishable?.JwksAddress) is not { } address)
        {
            return null;
        }

        // The same address keeps the same keys, so that a reload of something else costs no fetch.
        if (_jwks?.Address != address)
        {
            _jwks = (address, new JwksKeys(address, clients, time, metrics, logger));
        }

        return _jwks.Value.Keys;
    }

    /// <param name="Options">What it was made from.</param>
    /// <param name="Rules">Null when the options name no issuer, or no authorized party where one is demanded: then every token is refused,
    /// also where nothing demanded the settings at start.</param>
    /// <param name="Keys">Null when the options name no keys, or keys that cannot be read.</param>
    /// <param name="Verified">Tokens that these rules accepted.</param>
    internal sealed record Snapshot(DubClerkOptions Options, SessionTokenRules? Rules, ISessionKeySource? Keys, VerifiedTokens Verified);
}
