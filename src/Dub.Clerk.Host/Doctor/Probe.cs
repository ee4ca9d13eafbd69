using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Dub.Clerk.Host.Doctor;

/// <summary>Asks servers over HTTP: briefly, without following redirects, and with an eye on their clocks and certificates.</summary>
internal sealed class Probe : IDisposable
{
    private const int MaxAnswerBytes = 1024 * 1024;

    /// <summary>For one answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<string, string> _certificateFaults = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, TimeSpan> _clocks = new();

    public Probe(TimeProvider time)
    {
        _time = time;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        handler.SslOptions.RemoteCertificateValidationCallback = Trusts;
        _http = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = MaxAnswerBytes };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("Dub.Clerk-doctor");
    }

    /// <summary>How far the clocks of those who answered are ahead of ours, by the name they were asked under.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Clocks => _clocks;

    /// <summary>Whether anybody answered who is not on this machine.</summary>
    public bool IsOnline { get; private set; }

    /// <summary>Somebody's clock.</summary>
    /// <param name="name">Whose.</param>
    /// <param name="theirs">What it said.</param>
    /// <param name="asked">When it was asked, by ours. It was read at some time since, and what that leaves open counts in its favour.</param>
    public void SeeClock(string name, DateTimeOffset theirs, DateTimeOffset asked)
    {
        var open = (_time.GetUtcNow() - asked) / 2;
        var ahead = theirs - (asked + open);
        _clocks[name] = ahead > open ? ahead - open : ahead < -open ? ahead + open : TimeSpan.Zero;
    }

    /// <param name="name">Whom this asks, for the person who reads of it.</param>
    /// <param name="request">To be sent; disposed of afterwards.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ProbeAnswer> AskAsync(string name, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        var asked = _time.GetUtcNow();
        try
        {
            using (request)
            {
                using var response = await _http.SendAsync(request, cancellationToken);
                var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
                IsOnline |= !address.IsLoopback;
                if (response.Headers.Date is { } date)
                {
                    // It has whole seconds, and was written half a second later on average.
                    SeeClock(name, date.AddSeconds(0.5), asked);
                }

                return new ProbeAnswer((int)response.StatusCode, body)
                {
                    Location = response.Headers.Location is { } location ? new Uri(address, location) : null,
                    Headers = response.Headers.ToDictionary(header => header.Key, header => header.Value.First(), StringComparer.OrdinalIgnoreCase),
                };
            }
        }
        catch (HttpRequestException e)
        {
            return new ProbeAnswer(0, []) { Failure = Describe(address, e), IsNameUnknown = e.HttpRequestError == HttpRequestError.NameResolutionError };
        }
        catch (Exception e) when (e is IOException or SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new ProbeAnswer(0, []) { Failure = e is OperationCanceledException ? $"{address.Authority} does not answer within {Patience.TotalSeconds:N0} seconds" : $"the connection to {address.Authority} broke" };
        }
    }

    public Task<ProbeAnswer> GetAsync(string name, Uri address, string? bearer, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (bearer is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + bearer);
        }

        return AskAsync(name, request, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private string Describe(Uri address, HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => $"the name {address.Host} cannot be resolved",
        HttpRequestError.ConnectionError => $"nothing answers at {address.Authority}",
        HttpRequestError.SecureConnectionError => _certificateFaults.TryGetValue(address.Host, out var fault) ? $"{address.Host} {fault}" : $"{address.Authority} does not speak TLS",
        _ => $"the connection to {address.Authority} broke ({e.HttpRequestError})",
    };

    private bool Trusts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        var host = (sender as SslStream)?.TargetHostName ?? string.Empty;
        var now = _time.GetUtcNow().UtcDateTime;
        _certificateFaults[host] = certificate is not X509Certificate2 shown ? "shows no certificate"
            : shown.NotAfter.ToUniversalTime() < now ? $"shows a certificate that ran out on {shown.NotAfter.ToUniversalTime():yyyy-MM-dd}"
            : shown.NotBefore.ToUniversalTime() > now ? $"shows a certificate that holds only from {shown.NotBefore.ToUniversalTime():yyyy-MM-dd} on"
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "shows a certificate for another name"
            : $"shows a certificate that nobody trusted has signed ({chain?.ChainStatus.Select(status => status.Status).FirstOrDefault()})";
        return false;
    }
}

/// <summary>What a server answered.</summary>
/// <param name="Status">0 when there was no answer.</param>
/// <param name="Body">At most a megabyte.</param>
internal sealed record ProbeAnswer(int Status, byte[] Body)
{
    /// <summary>Why there was no answer, without a full stop.</summary>
    public string? Failure { get; init; }

    /// <summary>As when this machine is offline.</summary>
    public bool IsNameUnknown { get; init; }

    /// <summary>Where it redirects to.</summary>
    public Uri? Location { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
