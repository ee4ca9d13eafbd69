using Dub.Clerk.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dub.Clerk.Authentication;

/// <summary>What the options in force make of the Clerk instance: the rules for its tokens and the keys that sign them. Follows a reload of
/// the configuration; one that is invalid changes nothing.</summary>
internal sealed class ClerkInstance : IDisposable
{
    private readonly IOptionsMonitor<DubClerkOptions> _options;
    private readonly Func<Uri, JwksKeys> _createJwks;
    private readonly Lock _gate = new();
    private readonly IDisposable? _subscription;
    private volatile Snapshot? _current;
    private (Uri Address, JwksKeys Keys)? _jwks;

    public ClerkInstance(
        IOptionsMonitor<DubClerkOptions> options, IHttpClientFactory clients, TimeProvider time, DubClerkMetrics metrics, ILogger<JwksKeys> logger)
    {
        _options = options;
        _createJwks = address => new JwksKeys(address, clients, time, metrics, logger);
        _subscription = options.OnChange((changed, name) =>
        {
            if (string.Equals(name, Options.DefaultName, StringComparison.Ordinal))
            {
                _ = Apply(changed);
            }
        });
    }

    public Snapshot Current => _current ?? Apply(_options.CurrentValue);

    public void Dispose() => _subscription?.Dispose();

    private Snapshot Apply(DubClerkOptions options)
    {
        lock (_gate)
        {
            return _current = new Snapshot(SessionTokenRules.From(options), KeysFrom(options));
        }
    }

    private ISessionKeySource? KeysFrom(DubClerkOptions options)
    {
        if (!string.IsNullOrWhiteSpace(options.JwtKey))
        {
            return PemKeys.TryParse(options.JwtKey, out var keys, out _) ? keys : null;
        }

        _ = PublishableKey.TryParse(options.PublishableKey, out var publishable, out _);
        if ((options.JwksAddress ?? publishable?.JwksAddress) is not { } address)
        {
            return null;
        }

        // The same address keeps the same keys, so that a reload of something else costs no fetch.
        if (_jwks?.Address != address)
        {
            _jwks = (address, _createJwks(address));
        }

        return _jwks.Value.Keys;
    }

    /// <param name="Rules">Null when the options name no issuer.</param>
    /// <param name="Keys">Null when the options name no keys, or keys that cannot be read.</param>
    internal sealed record Snapshot(SessionTokenRules? Rules, ISessionKeySource? Keys);
}
