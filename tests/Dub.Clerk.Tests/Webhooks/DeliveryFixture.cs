using System.Buffers;
using System.Text;
using Dub.Clerk.Testing;
using Dub.Clerk.Webhooks;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Tests.Webhooks;

/// <summary>A delivery, its secret, and an endpoint's view of both: headers first, then signature.</summary>
internal static class DeliveryFixture
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    public static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"type":"user.created","object":"event","data":{"id":"user_1"}}""");

    public static DeliveryBuilder Delivery() => new(Secret, Body, Now);

    public static WebhookSecret SecretOf(string text) =>
        WebhookSecret.TryParse(text, out var secret, out var error) ? secret : throw new InvalidOperationException(error);

    public static WebhookVerificationResult Verify(DeliveryBuilder delivery, byte[]? body = null, DateTimeOffset? now = null) =>
        Verify(delivery.Headers(), body ?? delivery.Body, now ?? Now, [SecretOf(Secret)]);

    public static WebhookVerificationResult Verify(IHeaderDictionary headers, byte[] body, DateTimeOffset now, params WebhookSecret[] secrets)
    {
        var read = WebhookHeaders.Read(headers, out var values);
        return read == WebhookVerificationResult.Verified
            ? WebhookVerifier.Verify(values, new ReadOnlySequence<byte>(body), secrets, now, Tolerance)
            : read;
    }
}
