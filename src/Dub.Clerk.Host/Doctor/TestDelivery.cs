using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Webhooks;

namespace Dub.Clerk.Host.Doctor;

/// <summary>A delivery as Clerk makes it, which says by its id that it is not Clerk's.</summary>
internal static class TestDelivery
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static HttpRequestMessage Create(Uri address, WebhookSecret secret, byte[] body, DateTimeOffset now)
    {
        var (id, timestamp) = (Signs.TestDelivery + RandomNumberGenerator.GetString(Base62, 12), now.ToUnixTimeSeconds());
        var request = CreateUnsigned(address, body);
        request.Headers.Add("svix-id", id);
        request.Headers.Add("svix-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("svix-signature", WebhookVerifier.Sign(secret, id, timestamp, body));
        return request;
    }

    public static HttpRequestMessage CreateUnsigned(Uri address, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return request;
    }
}
