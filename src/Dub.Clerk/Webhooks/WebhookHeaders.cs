using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Webhooks;

/// <summary>The three headers of a signed delivery, one value each and all of one family.</summary>
/// <param name="Id">The delivery's id: the same for every attempt at the same message.</param>
/// <param name="Timestamp">When this attempt was signed: Unix seconds in decimal.</param>
/// <param name="Signature">The signatures, separated by spaces.</param>
internal readonly record struct WebhookHeaders(string Id, string Timestamp, string Signature)
{
    /// <summary>Reads <c>svix-*</c>, or <c>webhook-*</c> when the request has no header of the first family. The families are never mixed:
    /// some libraries fall back header by header, and then two parties may each have written a part.</summary>
    /// <returns><see cref="WebhookVerificationResult.Verified"/> when all three are there, which says nothing about the signature yet.</returns>
    public static WebhookVerificationResult Read(IHeaderDictionary headers, out WebhookHeaders result)
    {
        var id = headers["svix-id"];
        var timestamp = headers["svix-timestamp"];
        var signature = headers["svix-signature"];
        if (id.Count + timestamp.Count + signature.Count == 0)
        {
            id = headers["webhook-id"];
            timestamp = headers["webhook-timestamp"];
            signature = headers["webhook-signature"];
        }

        result = default;
        if (id.Count > 1 || timestamp.Count > 1 || signature.Count > 1)
        {
            return WebhookVerificationResult.HeaderRepeated;
        }

        if (!HasText(id) || !HasText(timestamp) || !HasText(signature))
        {
            return WebhookVerificationResult.HeaderMissing;
        }

        result = new WebhookHeaders(id[0]!, timestamp[0]!, signature[0]!);
        return WebhookVerificationResult.Verified;
    }

    private static bool HasText(StringValues value) => value.Count == 1 && !string.IsNullOrWhiteSpace(value[0]);
}
