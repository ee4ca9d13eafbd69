using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Dub.Clerk.Webhooks;

/// <summary>The signing secret of a webhook endpoint: <c>whsec_</c> and base64, as Svix and Standard Webhooks write it.</summary>
/// <remarks>Safe to share between threads. <see cref="ToString"/> never shows the key.</remarks>
internal sealed class WebhookSecret
{
    private const string Prefix = "whsec_";

    /// <summary>Below this a key can be searched for. The specification asks for 24; Svix lets people bring their own.</summary>
    private const int MinimumBytes = 16;

    private readonly byte[] _key;
    private IncrementalHash? _spare;

    private WebhookSecret(byte[] key) => _key = key;

    /// <summary>Reads a secret, with or without <c>whsec_</c> and padding.</summary>
    /// <param name="text">The configured text; white space around it is ignored.</param>
    /// <param name="secret">The secret, when the answer is true.</param>
    /// <param name="error">Otherwise a sentence for the person who configures us. It never repeats the text.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WebhookSecret? secret, [NotNullWhen(false)] out string? error)
    {
        secret = null;
        var value = text.AsSpan().Trim();
        if (value.StartsWith("whpk_", StringComparison.Ordinal) || value.StartsWith("whsk_", StringComparison.Ordinal))
        {
            error = "The webhook secret belongs to the asymmetric scheme (v1a), which Clerk does not use; copy the endpoint's Signing Secret (whsec_…) from the Clerk Dashboard, page Webhooks.";
            return false;
        }

        var encoded = value.StartsWith(Prefix, StringComparison.Ordinal) ? value[Prefix.Length..] : value;
        if (DecodeBase64(encoded) is not { } key)
        {
            error = "The webhook secret is not base64 after whsec_; copy the endpoint's Signing Secret again from the Clerk Dashboard, page Webhooks.";
            return false;
        }

        if (key.Length < MinimumBytes)
        {
            error = $"The webhook secret has {key.Length} bytes and needs at least {MinimumBytes}, or anyone could sign in Clerk's name; copy the endpoint's whole Signing Secret (whsec_…) from the Clerk Dashboard, page Webhooks.";
            return false;
        }

        secret = new WebhookSecret(key);
        error = null;
        return true;
    }

    /// <summary>A hash keyed with this secret, to be given back by <see cref="Return"/>: setting one up costs more than hashing 1 KB.</summary>
    public IncrementalHash Rent() => Interlocked.Exchange(ref _spare, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);

    public void Return(IncrementalHash hash) => Interlocked.Exchange(ref _spare, hash)?.Dispose();

    public override string ToString() => "whsec_[redacted]";

    private static byte[]? DecodeBase64(ReadOnlySpan<char> encoded)
    {
        encoded = encoded.TrimEnd('=');
        var padded = string.Concat(encoded, "==".AsSpan(0, (4 - (encoded.Length % 4)) % 4 % 3));
        var bytes = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, bytes, out var written) ? bytes[..written] : null;
    }
}
