using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Doctor;

/// <summary>The last guard before the output: whatever a finding repeats, no secret, token or e-mail address leaves in it.</summary>
internal sealed partial class Secrecy
{
    private const string Masked = "[hidden]";

    /// <summary>Shorter texts would be found in ordinary words.</summary>
    private const int ShortestSecret = 6;

    private readonly List<string> _secrets;

    public Secrecy(Installation installation)
    {
        var options = installation.Options;
        IEnumerable<string?> known =
        [
            options.ClerkSecretKey, options.DubApiKey, .. options.WebhookSigningSecrets, .. options.DubWebhookSecrets,
            installation.ApiKey, installation.Token, PasswordIn(options.Redis),
        ];
        _secrets = [.. known.OfType<string>().Where(secret => secret.Length >= ShortestSecret).OrderByDescending(secret => secret.Length)];
    }

    public string Mask(string text)
    {
        foreach (var secret in _secrets)
        {
            text = text.Replace(secret, Masked, StringComparison.Ordinal);
        }

        return SecretOrAddress().Replace(text, Masked);
    }

    private static string? PasswordIn(string? connectionString)
    {
        try
        {
            return connectionString is null ? null : ConfigurationOptions.Parse(connectionString, ignoreUnknown: true).Password;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return null;
        }
    }

    /// <summary>What looks like a secret wherever it comes from, such as one in the wrong place or in somebody's answer.</summary>
    [GeneratedRegex(@"\b(?:sk_(?:live|test)_|whsec_|dub_(?!pk_|id\b|partner_data\b))[A-Za-z0-9+/=_-]{4,}|\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*|[^\s@'""/]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+|(?<=://)[^\s/@]+@")]
    private static partial Regex SecretOrAddress();
}
