using System.Text.Json;
using Dub.Clerk.Authentication;

namespace Dub.Clerk.Host.Doctor;

/// <summary>The keys that sign session tokens, from each place that has them; each is asked once.</summary>
internal sealed class ClerkKeySets(DubClerkOptions options, Probe probe)
{
    private Task<KeySetAnswer>? _published;

    /// <summary>Where the instance publishes them; null when the settings do not say.</summary>
    public Uri? Address => options.JwksAddress ?? (PublishableKey.TryParse(options.PublishableKey, out var key, out _) ? key.JwksAddress : null);

    /// <summary>What the instance publishes, which needs no secret.</summary>
    /// <param name="cancellationToken">Gives up, for whoever asked first.</param>
    public Task<KeySetAnswer> PublishedAsync(CancellationToken cancellationToken) => _published ??= AskAsync("Clerk's instance", Address!, null, cancellationToken);

    /// <summary>What Clerk's API answers whoever has the secret key: those of that key's instance.</summary>
    public Task<KeySetAnswer> OfSecretKeyAsync(CancellationToken cancellationToken)
        => AskAsync("Clerk's API", new Uri(options.ClerkApiUrl.AbsoluteUri.TrimEnd('/') + "/v1/jwks"), options.ClerkSecretKey, cancellationToken);

    private async Task<KeySetAnswer> AskAsync(string name, Uri address, string? secret, CancellationToken cancellationToken)
    {
        var answer = await probe.GetAsync(name, address, secret, cancellationToken);
        try
        {
            return new KeySetAnswer(answer, answer.Status == StatusCodes.Status200OK ? JwksDocument.Parse(answer.Body) : []);
        }
        catch (JsonException)
        {
            return new KeySetAnswer(answer, []);
        }
    }
}

/// <summary>What came of asking for keys.</summary>
/// <param name="Answer">As it was given.</param>
/// <param name="Keys">None where there were none that can be used.</param>
internal sealed record KeySetAnswer(ProbeAnswer Answer, IReadOnlyList<RsaPublicKey> Keys)
{
    public bool IsOfSameInstance(IEnumerable<RsaPublicKey> others) => others.Any(other => Keys.Any(key => key.IsSameAs(other)));
}
