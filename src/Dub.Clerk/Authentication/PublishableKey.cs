using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Dub.Clerk.Authentication;

/// <summary>Clerk's publishable key: <c>pk_live_</c> or <c>pk_test_</c>, then base64 of the instance's Frontend API host and <c>$</c>.
/// All that is public about an instance follows from it.</summary>
internal sealed class PublishableKey
{
    private const string LivePrefix = "pk_live_";
    private const string TestPrefix = "pk_test_";
    private const string Remedy = "Copy it from the Clerk Dashboard, page API keys, and set CLERK_PUBLISHABLE_KEY.";

    private PublishableKey(string text, string host)
    {
        Text = text;
        FrontendApiHost = host;
        Issuer = $"https://{host}";
        JwksAddress = new Uri($"https://{host}/.well-known/jwks.json");
        CookieSuffix = SuffixOf(text);
        IsProduction = text.StartsWith(LivePrefix, StringComparison.Ordinal);
    }

    /// <summary>The key as written. It is public, and its exact spelling counts in <see cref="CookieSuffix"/>.</summary>
    public string Text { get; }

    /// <summary>Such as <c>clerk.example.com</c>, or <c>foo-bar-13.clerk.accounts.dev</c> for a development instance.</summary>
    public string FrontendApiHost { get; }

    /// <summary>The <c>iss</c> of the instance's tokens: https, no trailing slash. A proxy URL does not change it.</summary>
    public string Issuer { get; }

    /// <summary>Where the instance publishes its keys; needs no secret.</summary>
    public Uri JwksAddress { get; }

    /// <summary>What Clerk appends to cookie names (<c>__session_…</c>) so that instances on one host do not disturb each other.</summary>
    public string CookieSuffix { get; }

    /// <summary>Whether it is a <c>pk_live_</c> key.</summary>
    public bool IsProduction { get; }

    /// <summary>Reads a key by the rules of Clerk's own SDK.</summary>
    /// <param name="text">The configured text; white space around it is ignored.</param>
    /// <param name="key">The key, when the answer is true.</param>
    /// <param name="error">Otherwise a sentence for the person who configures us. It never repeats the text, which may be a secret in the
    /// wrong place.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PublishableKey? key, [NotNullWhen(false)] out string? error)
    {
        key = null;
        var value = text?.Trim() ?? "";
        if (value.StartsWith("sk_", StringComparison.Ordinal))
        {
            error = $"A secret key (sk_…) stands where the publishable key (pk_…) belongs. {Remedy}";
            return false;
        }

        if (!value.StartsWith(LivePrefix, StringComparison.Ordinal) && !value.StartsWith(TestPrefix, StringComparison.Ordinal))
        {
            error = $"The publishable key must begin with pk_live_ or pk_test_. {Remedy}";
            return false;
        }

        if (DecodeHost(value.AsSpan(LivePrefix.Length)) is not { } host)
        {
            error = $"The publishable key is damaged: what follows pk_live_ or pk_test_ does not name a Clerk host. {Remedy}";
            return false;
        }

        key = new PublishableKey(value, host);
        error = null;
        return true;
    }

    public override string ToString() => Text;

    private static string? DecodeHost(ReadOnlySpan<char> encoded)
    {
        const int LongestHostName = 253;
        encoded = encoded.TrimEnd('=');
        if (encoded.IsEmpty || encoded.Length > (LongestHostName + 1) * 4 / 3 + 1 || encoded.ContainsAny(" \t\r\n"))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[LongestHostName + 3];
        var padded = string.Concat(encoded, "==".AsSpan(0, (4 - (encoded.Length % 4)) % 4 % 3));
        if (!Convert.TryFromBase64String(padded, bytes, out var written) || written < 2 || bytes[written - 1] != (byte)'$')
        {
            return null;
        }

        // Bytes above ASCII become '?', which no host name has. The dot is Clerk's rule: a bare name is not an instance.
        var host = Encoding.ASCII.GetString(bytes[..(written - 1)]);
        return host.Contains('.', StringComparison.Ordinal) && Uri.CheckHostName(host) == UriHostNameType.Dns ? host : null;
    }

    [SuppressMessage("Security", "CA5350:Do not use weak cryptographic algorithms", Justification = "Clerk names its cookies so; nothing is protected by it.")]
    private static string SuffixOf(string text)
    {
        var hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
        return Convert.ToBase64String(hash)[..8].Replace('+', '-').Replace('/', '_');
    }
}
