using System.Security.Cryptography;
using System.Text;

namespace Dub.Clerk.Host.Secrets;

/// <summary>The keys that callers of this host present, as the configuration has them now.</summary>
internal sealed class HostSecrets
{
    public const string ApiKeyName = "DUBCLERK_API_KEY";

    private const string ReadKeyName = "DUBCLERK_READ_API_KEY";
    private const string PublishableKeyName = "DUBCLERK_PUBLISHABLE_KEY";
    private const string PublishablePrefix = "dub_pk_";
    private const int MinimumLength = 16;

    public HostSecrets(IConfiguration configuration)
    {
        var (full, reading, published) = (Keys(configuration[ApiKeyName]), Keys(configuration[ReadKeyName]), Keys(configuration[PublishableKeyName]));
        (ApiKeys, ReadKeys, PublishableKeys) = (new KeyList(full), new KeyList(reading), new KeyList(published));
        VisitorKey = SHA256.HashData(Encoding.UTF8.GetBytes("dub-clerk visitor " + full.FirstOrDefault()));
        Faults = [.. FindFaults(full, reading, published)];
    }

    /// <summary><c>DUBCLERK_API_KEY</c>: callers of the API who may do anything.</summary>
    public KeyList ApiKeys { get; }

    /// <summary><c>DUBCLERK_READ_API_KEY</c>: callers of the API who may look. Default none.</summary>
    public KeyList ReadKeys { get; }

    /// <summary><c>DUBCLERK_PUBLISHABLE_KEY</c>, <c>dub_pk_…</c>: pages that report leads and sales. Without one they cannot.</summary>
    public KeyList PublishableKeys { get; }

    /// <summary>What visitors are hashed with, so that nobody can try out addresses against the hashes: of the first API key, which every host on the same
    /// store has.</summary>
    public byte[] VisitorKey { get; }

    /// <summary>Why these keys cannot be used, each with its remedy and without a key.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Several are separated by spaces, commas or lines; a file ends in a line feed.</summary>
    public static string[] Keys(string? text) => (text ?? string.Empty).Split([' ', ',', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> FindFaults(string[] full, string[] reading, string[] published)
    {
        if (full.Length == 0)
        {
            yield return $"{ApiKeyName} is not set. Choose a long random text; callers of the API present it as Bearer.";
        }

        foreach (var (name, keys) in new[] { (ApiKeyName, full), (ReadKeyName, reading) })
        {
            if (keys.Any(key => key.Length < MinimumLength))
            {
                yield return $"{name} is shorter than {MinimumLength} characters and could be guessed. Choose a longer random text.";
            }
        }

        if (reading.Intersect(full, StringComparer.Ordinal).Any())
        {
            yield return $"{ReadKeyName} holds a key that {ApiKeyName} holds too. Choose another: with one of {ApiKeyName} everything may be done.";
        }

        if (published.Any(key => !key.StartsWith(PublishablePrefix, StringComparison.Ordinal)) || published.Intersect([.. full, .. reading], StringComparer.Ordinal).Any())
        {
            yield return $"{PublishableKeyName} must start with {PublishablePrefix} and be another than {ApiKeyName} and {ReadKeyName}: every visitor of your pages can read it.";
        }
    }
}
