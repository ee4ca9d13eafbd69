using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Dub.Clerk.Webhooks;

/// <summary>Whether Clerk sent these bytes: HMAC-SHA256 over <c>id.timestamp.body</c>, as Standard Webhooks 1.0.0 defines it.</summary>
/// <remarks>A pure function of its arguments, which throws nothing and keeps nothing. The body is taken as bytes, because a text that was
/// decoded and encoded again (a byte order mark, invalid UTF-8, another layout) is not what was signed.</remarks>
internal static class WebhookVerifier
{
    private const int MaxIdLength = 256;
    private const int MaxTimestampDigits = 12;
    private const int MaxSignatureHeaderLength = 4096;
    private const int MaxSignatures = 16;
    private const int MacBytes = 32;
    private const int MacChars = 44;
    private const string Version = "v1,";

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    /// <summary>Checks a delivery; cheap refusals first, so that noise costs no hashing.</summary>
    /// <param name="headers">From <see cref="WebhookHeaders.Read"/>.</param>
    /// <param name="body">The request body exactly as received. Its size is the caller's to cap.</param>
    /// <param name="secrets">Any of them may have signed, which is how one is rotated.</param>
    /// <param name="now">Our clock.</param>
    /// <param name="tolerance">How far the timestamp may be from <paramref name="now"/>, either way and inclusive, in whole seconds.</param>
    public static WebhookVerificationResult Verify(
        in WebhookHeaders headers, ReadOnlySequence<byte> body, ReadOnlySpan<WebhookSecret> secrets, DateTimeOffset now, TimeSpan tolerance)
    {
        Span<Range> candidates = stackalloc Range[MaxSignatures];
        var refusal = CheckHeaders(headers, now, tolerance, ref candidates);
        if (refusal != WebhookVerificationResult.Verified)
        {
            return refusal;
        }

        if (secrets.IsEmpty)
        {
            return WebhookVerificationResult.SecretMissing;
        }

        foreach (var secret in secrets)
        {
            if (IsSignedWith(secret, headers, body, candidates))
            {
                return WebhookVerificationResult.Verified;
            }
        }

        return WebhookVerificationResult.SignatureMismatch;
    }

    /// <summary>What the headers alone can be refused for, before a body is read.</summary>
    /// <returns><see cref="WebhookVerificationResult.Verified"/> when nothing speaks against them, which says nothing about the signature yet.</returns>
    public static WebhookVerificationResult CheckHeaders(in WebhookHeaders headers, DateTimeOffset now, TimeSpan tolerance)
    {
        Span<Range> candidates = stackalloc Range[MaxSignatures];
        return CheckHeaders(headers, now, tolerance, ref candidates);
    }

    /// <summary>The signature that <see cref="Verify"/> accepts, for stand-ins and tests: <c>v1,</c> and 44 characters.</summary>
    public static string Sign(WebhookSecret secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        Span<byte> mac = stackalloc byte[MacBytes];
        Compute(secret, id, timestamp.ToString(CultureInfo.InvariantCulture), new ReadOnlySequence<byte>(body.ToArray()), mac);
        return Version + Convert.ToBase64String(mac);
    }

    private static WebhookVerificationResult CheckHeaders(in WebhookHeaders headers, DateTimeOffset now, TimeSpan tolerance, ref Span<Range> candidates)
    {
        if (headers.Id is not { Length: > 0 and <= MaxIdLength } || headers.Id.AsSpan().ContainsAnyExcept(IdCharacters))
        {
            return WebhookVerificationResult.IdMalformed;
        }

        if (!TryReadTimestamp(headers.Timestamp, out var timestamp))
        {
            return WebhookVerificationResult.TimestampMalformed;
        }

        var age = now.ToUnixTimeSeconds() - timestamp;
        var limit = (long)tolerance.TotalSeconds;
        return age > limit ? WebhookVerificationResult.TimestampTooOld
            : age < -limit ? WebhookVerificationResult.TimestampTooNew
            : ListSignatures(headers.Signature, ref candidates);
    }

    private static bool TryReadTimestamp(string? text, out long seconds)
    {
        // Digits only: number parsers also take signs, spaces and exponents, and the libraries differ in which.
        seconds = 0;
        return text is { Length: > 0 and <= MaxTimestampDigits }
            && !text.AsSpan().ContainsAnyExceptInRange('0', '9')
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
    }

    /// <summary>Finds the well-formed v1 signatures. Others are skipped: a sender may list newer versions, and one spoilt entry must not
    /// hide a good one.</summary>
    private static WebhookVerificationResult ListSignatures(string? header, ref Span<Range> candidates)
    {
        if (header is null || header.Length > MaxSignatureHeaderLength)
        {
            return WebhookVerificationResult.SignatureHeaderTooLong;
        }

        var seen = 0;
        var found = 0;
        foreach (var range in header.AsSpan().Split(' '))
        {
            if (++seen > MaxSignatures)
            {
                return WebhookVerificationResult.SignatureHeaderTooLong;
            }

            var (offset, length) = range.GetOffsetAndLength(header.Length);
            if (length == Version.Length + MacChars && header.AsSpan(offset).StartsWith(Version, StringComparison.Ordinal))
            {
                candidates[found++] = new Range(offset + Version.Length, offset + length);
            }
        }

        candidates = candidates[..found];
        return found == 0 ? WebhookVerificationResult.SignatureUnsupported : WebhookVerificationResult.Verified;
    }

    private static bool IsSignedWith(WebhookSecret secret, in WebhookHeaders headers, ReadOnlySequence<byte> body, ReadOnlySpan<Range> candidates)
    {
        Span<byte> mac = stackalloc byte[MacBytes];
        Compute(secret, headers.Id, headers.Timestamp, body, mac);

        // Compared as text: base64 has several spellings of the same 32 bytes, and only the canonical one is a signature.
        Span<byte> base64 = stackalloc byte[MacChars];
        Base64.EncodeToUtf8(mac, base64, out _, out _);
        Span<char> expected = stackalloc char[MacChars];
        Encoding.ASCII.GetChars(base64, expected);

        var match = false;
        foreach (var candidate in candidates)
        {
            match |= CryptographicOperations.FixedTimeEquals(
                MemoryMarshal.AsBytes(expected), MemoryMarshal.AsBytes(headers.Signature.AsSpan()[candidate]));
        }

        return match;
    }

    private static void Compute(WebhookSecret secret, string id, string timestamp, ReadOnlySequence<byte> body, Span<byte> mac)
    {
        Span<byte> prefix = stackalloc byte[MaxIdLength + 1 + MaxTimestampDigits + 1 + 8];
        var length = Encoding.ASCII.GetBytes(id, prefix);
        prefix[length++] = (byte)'.';
        length += Encoding.ASCII.GetBytes(timestamp, prefix[length..]);
        prefix[length++] = (byte)'.';

        var hash = secret.Rent();
        hash.AppendData(prefix[..length]);
        foreach (var segment in body)
        {
            hash.AppendData(segment.Span);
        }

        hash.GetHashAndReset(mac);
        secret.Return(hash);
    }
}
