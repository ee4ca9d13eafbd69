using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Tests.Vectors;

/// <summary>The webhook vectors: deliveries with a known secret, the verdict of the reference JavaScript library recorded beside ours.</summary>
internal static class WebhookVectors
{
    private static readonly JsonElement File = VectorFile.Read("webhook-vectors.json");

    public static DateTimeOffset Now { get; } = DateTimeOffset.FromUnixTimeSeconds(File.GetProperty("now").GetInt64());

    public static string Secret { get; } = File.GetProperty("secret").GetString()!;

    public static IEnumerable<(string Name, HeaderDictionary Headers, byte[] Body, string Recommended)> Cases =>
        from entry in File.GetProperty("cases").EnumerateArray()
        select (
            entry.GetProperty("name").GetString()!,
            HeadersOf(entry.GetProperty("headers")),
            entry.GetProperty("body_base64").GetBytesFromBase64(),
            entry.GetProperty("recommended").GetString()!);

    /// <summary>Signatures that Svix's own test-suites publish.</summary>
    public static IEnumerable<(string Secret, string Id, long Timestamp, byte[] Body, string Signature)> KnownSignatures =>
        from entry in File.GetProperty("known_sign_vectors").EnumerateArray()
        select (
            entry.GetProperty("secret").GetString()!,
            entry.GetProperty("id").GetString()!,
            entry.GetProperty("timestamp").GetInt64(),
            entry.TryGetProperty("payload", out var payload)
                ? System.Text.Encoding.UTF8.GetBytes(payload.GetString()!)
                : [.. Enumerable.Repeat((byte)entry.GetProperty("payload_repeat")[0].GetString()![0], entry.GetProperty("payload_repeat")[1].GetInt32())],
            entry.GetProperty("signature").GetString()!);

    private static HeaderDictionary HeadersOf(JsonElement headers)
    {
        var result = new HeaderDictionary();
        foreach (var header in headers.EnumerateObject())
        {
            result[header.Name] = header.Value.GetString();
        }

        return result;
    }
}
