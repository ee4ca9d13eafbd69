using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Dub.Clerk.Authentication;

/// <summary>Keys from <c>CLERK_JWT_KEY</c>: no network. A token's <c>kid</c> cannot be compared with anything, because PEM has none.</summary>
/// <remarks>Reads every spelling that survives an environment variable: SPKI and PKCS#1, several keys one after the other, Windows line
/// ends, one line, spaces for line ends, literal <c>\n</c>, quotes around it, and base64 without armour.</remarks>
internal sealed class PemKeys : ISessionKeySource
{
    private const int MaxKeys = 8;
    private const string Begin = "-----BEGIN ";
    private const string Dashes = "-----";
    private const string Remedy = "Copy the instance's PEM public key from the Clerk Dashboard, page API keys, into CLERK_JWT_KEY.";

    private PemKeys(SessionKeySet keys) => Current = keys;

    public SessionKeySet Current { get; }

    public bool IsOverdue => false;

    public bool IsFailing => false;

    public Task<bool> RefreshAsync(SessionKeySet seen) => Task.FromResult(false);

    /// <param name="text">The configured text.</param>
    /// <param name="keys">The keys, when the answer is true.</param>
    /// <param name="error">Otherwise a sentence for the person who configures us. It never repeats the text, which may be a private key.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PemKeys? keys, [NotNullWhen(false)] out string? error)
    {
        keys = null;
        var blocks = Blocks(Unescape(text ?? ""));
        if (blocks.Exists(block => block.Label.EndsWith("PRIVATE KEY", StringComparison.Ordinal)))
        {
            error = $"CLERK_JWT_KEY holds a private key, which this app must not have. {Remedy}";
            return false;
        }

        var parsed = blocks.ConvertAll(block => Import(block.Label, block.Base64));
        if (parsed.Count is 0 or > MaxKeys || parsed.Contains(null))
        {
            error = $"CLERK_JWT_KEY is not 1 to {MaxKeys} RSA public keys of 2048 bits or more in PEM. {Remedy}";
            return false;
        }

        keys = new PemKeys(new SessionKeySet([.. parsed.OfType<RsaPublicKey>()]));
        error = null;
        return true;
    }

    private static string Unescape(string text) => text
        .Replace("\\r", "\n", StringComparison.Ordinal)
        .Replace("\\n", "\n", StringComparison.Ordinal)
        .Trim([' ', '\t', '\r', '\n', '"', '\'']);

    /// <summary>The armoured blocks; without armour, the whole text as one block without a label.</summary>
    private static List<(string Label, string Base64)> Blocks(string text)
    {
        var blocks = new List<(string, string)>();
        var rest = text.AsSpan();
        if (!rest.Contains(Dashes, StringComparison.Ordinal))
        {
            return rest.IsEmpty ? blocks : [("", text)];
        }

        while (rest.IndexOf(Begin) is >= 0 and var begin)
        {
            rest = rest[(begin + Begin.Length)..];
            var labelEnd = rest.IndexOf(Dashes);
            if (labelEnd < 0)
            {
                break;
            }

            var label = rest[..labelEnd].ToString();
            rest = rest[(labelEnd + Dashes.Length)..];
            var end = rest.IndexOf($"-----END {label}-----");
            blocks.Add((label, end < 0 ? "" : rest[..end].ToString()));
            rest = rest[Math.Max(end, 0)..];
        }

        return blocks;
    }

    private static RsaPublicKey? Import(string label, string base64)
    {
        var der = new byte[Encoding.UTF8.GetMaxByteCount(base64.Length)];
        if (!Convert.TryFromBase64String(base64, der, out var length))
        {
            return null;
        }

        foreach (var format in (ReadOnlySpan<string>)["PUBLIC KEY", "RSA PUBLIC KEY"])
        {
            if (label.Length == 0 || string.Equals(label, format, StringComparison.Ordinal))
            {
                if (Import(der.AsSpan(0, length), isPkcs1: format.StartsWith("RSA", StringComparison.Ordinal)) is { } key)
                {
                    return key;
                }
            }
        }

        return null;
    }

    private static RsaPublicKey? Import(ReadOnlySpan<byte> der, bool isPkcs1)
    {
        using var rsa = RSA.Create();
        try
        {
            var read = 0;
            if (isPkcs1)
            {
                rsa.ImportRSAPublicKey(der, out read);
            }
            else
            {
                rsa.ImportSubjectPublicKeyInfo(der, out read);
            }

            var parameters = rsa.ExportParameters(includePrivateParameters: false);
            return read == der.Length ? RsaPublicKey.TryCreate(null, parameters.Modulus, parameters.Exponent) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
