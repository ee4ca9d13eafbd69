using System.Net;
using Dub.Clerk.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Authentication;

/// <summary>Keys from the instance's public key set. One fetch however many requests wait for it, at most one in 30 seconds whatever
/// tokens arrive, and the last good keys stay in force while Clerk cannot be reached.</summary>
internal sealed partial class JwksKeys(
    Uri address, IHttpClientFactory clients, TimeProvider time, DubClerkMetrics metrics, ILogger<JwksKeys> logger) : ISessionKeySource
{
    /// <summary>The name of the <see cref="HttpClient"/>.</summary>
    public const string ClientName = "Dub.Clerk.Jwks";

    /// <summary>From the start of one fetch to the start of the next.</summary>
    public static readonly TimeSpan MinimumInterval = TimeSpan.FromSeconds(30);

    /// <summary>The same while there are no keys at all: until then nobody can be signed in.</summary>
    public static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(2);

    /// <summary>Older keys are refreshed in the background by the next request.</summary>
    public static readonly TimeSpan RefreshAge = TimeSpan.FromHours(1);

    /// <summary>Keys older than this are refreshed before the next token is accepted, so that a key withdrawn by Clerk goes here too, also where
    /// nobody asked for long. While Clerk cannot be reached they stay in force all the same.</summary>
    public static readonly TimeSpan OverdueAge = TimeSpan.FromHours(24);

    /// <summary>How long a fetch may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>How large the answer may be.</summary>
    public const int MaxBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private volatile State _state = new(SessionKeySet.None, [], 0);
    private Task<bool>? _fetch;
    private long? _lastStart;

    public SessionKeySet Current
    {
        get
        {
            var state = _state;
            if (state.Body.Length > 0 && time.GetElapsedTime(state.FetchedAt) >= RefreshAge)
            {
                _ = RefreshAsync(state.Keys);
            }

            return state.Keys;
        }
    }

    public bool IsOverdue => _state is { Body.Length: > 0 } state && time.GetElapsedTime(state.FetchedAt) >= OverdueAge;

    public bool IsFailing { get; private set; }

    public Task<bool> RefreshAsync(SessionKeySet seen)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(seen, _state.Keys))
            {
                return Task.FromResult(true);
            }

            if (_fetch is null && (_lastStart is not { } last || time.GetElapsedTime(last) >= (_state.Body.Length == 0 ? FirstInterval : MinimumInterval)))
            {
                _lastStart = time.GetTimestamp();

                // On a thread of its own and without the context of the request that happened to ask: nothing of it runs under the lock, and
                // nothing of the request goes to Clerk.
                using (ExecutionContext.SuppressFlow())
                {
                    _fetch = Task.Run(FetchAsync);
                }
            }

            return _fetch ?? Task.FromResult(false);
        }
    }

    private async Task<bool> FetchAsync()
    {
        State? fetched = null;
        try
        {
            fetched = await TryFetchAsync();
            metrics.JwksFetched(fetched is not null);
        }
        catch (Exception)
        {
            // A listener or a log provider that throws: the next fetch must not wait for this one for ever.
        }

        lock (_gate)
        {
            _fetch = null;
            IsFailing = fetched is null;
            if (fetched is null)
            {
                return false;
            }

            // The same document again keeps the same keys: they are imported once.
            var changed = !fetched.Body.AsSpan().SequenceEqual(_state.Body);
            _state = changed ? fetched : _state with { FetchedAt = fetched.FetchedAt };
            return changed;
        }
    }

    /// <summary>Nothing that goes wrong here may reach a request: whatever it is, the keys we have are the keys we use.</summary>
    private async Task<State?> TryFetchAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(Timeout, time);
            using var client = clients.CreateClient(ClientName);
            client.MaxResponseContentBufferSize = MaxBytes;
            using var response = await client.GetAsync(address, timeout.Token);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                Log.FetchRefused(logger, (int)response.StatusCode);
                return null;
            }

            var body = await response.Content.ReadAsByteArrayAsync(timeout.Token);
            var keys = JwksDocument.Parse(body);
            if (keys.Length == 0)
            {
                Log.NoUsableKey(logger);
                return null;
            }

            Log.Fetched(logger, keys.Length);
            return new State(new SessionKeySet(keys), body, time.GetTimestamp());
        }
        catch (Exception exception)
        {
            Log.FetchFailed(logger, exception);
            return null;
        }
    }

    private sealed record State(SessionKeySet Keys, byte[] Body, long FetchedAt);

    private static partial class Log
    {
        [LoggerMessage(EventIds.JwksFetched, LogLevel.Debug, "Fetched Clerk's key set: {KeyCount} usable keys.")]
        public static partial void Fetched(ILogger logger, int keyCount);

        [LoggerMessage(EventIds.JwksFetchFailed, LogLevel.Warning, "Clerk's key set could not be fetched; the keys we have stay in use, and it is tried again when a token needs it, at most every 30 seconds.")]
        public static partial void FetchFailed(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.JwksFetchRefused, LogLevel.Warning, "Clerk's key set was answered with status {StatusCode}; the keys we have stay in use. Redirects are not followed.")]
        public static partial void FetchRefused(ILogger logger, int statusCode);

        [LoggerMessage(EventIds.JwksWithoutUsableKey, LogLevel.Warning, "Clerk's key set has no RSA signing key of 2048 bits or more; the keys we have stay in use. Check DubClerk:JwksAddress and the publishable key.")]
        public static partial void NoUsableKey(ILogger logger);
    }
}
