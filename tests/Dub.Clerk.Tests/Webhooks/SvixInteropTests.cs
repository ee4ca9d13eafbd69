using System.Globalization;
using System.Text;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Webhooks;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Tests.Webhooks;

/// <summary>npm <c>svix</c>, which Clerk's documentation tells people to verify with, and we: each accepts what the other signs. On the real
/// clock, because the library has no other.</summary>
public sealed class SvixInteropTests
{
    public static TheoryData<string> Bodies => new()
    {
        """{"type":"user.created"}""",
        """{"name":"Zoë 🚀","quote":"\u0022 \\ \n"}""",
        $$"""{"html":"{{new string('x', 300_000)}}"}""",
    };

    [Theory, MemberData(nameof(Bodies))]
    public async Task WhatSvixSigns_WeAccept(string text)
    {
        using var svix = SvixProcess.StartOrSkip();
        var (secret, id, now, body) = (NewSecret(), ClerkStandIn.NewId("msg"), DateTimeOffset.UtcNow, Encoding.UTF8.GetBytes(text));

        var signature = await svix.SignAsync(secret, id, now.ToUnixTimeSeconds(), body);

        var headers = Headers(id, now, signature);
        Assert.Equal(WebhookVerificationResult.Verified, DeliveryFixture.Verify(headers, body, now, DeliveryFixture.SecretOf(secret)));
        body[^1]++;
        Assert.Equal(WebhookVerificationResult.SignatureMismatch, DeliveryFixture.Verify(headers, body, now, DeliveryFixture.SecretOf(secret)));
    }

    [Theory, MemberData(nameof(Bodies))]
    public async Task WhatWeSign_SvixAccepts(string text)
    {
        using var svix = SvixProcess.StartOrSkip();
        var (secret, id, now, body) = (NewSecret(), ClerkStandIn.NewId("msg"), DateTimeOffset.UtcNow, Encoding.UTF8.GetBytes(text));

        var signature = WebhookVerifier.Sign(DeliveryFixture.SecretOf(secret), id, now.ToUnixTimeSeconds(), body);

        Assert.True(await svix.VerifiesAsync(secret, id, now.ToUnixTimeSeconds(), body, signature));
        Assert.False(await svix.VerifiesAsync(secret, id, now.ToUnixTimeSeconds() + 1, body, signature));
    }

    [Fact]
    public async Task StandInsDelivery_SvixAccepts()
    {
        using var svix = SvixProcess.StartOrSkip();
        using var clerk = new ClerkStandIn();
        var now = DateTimeOffset.UtcNow;
        var body = clerk.UserCreated("user_1", now);

        var (id, request) = clerk.SignDelivery(body, null, now);

        using (request)
        {
            Assert.True(await svix.VerifiesAsync(clerk.WebhookSecret, id, now.ToUnixTimeSeconds(), body, request.Headers.GetValues("svix-signature").Single()));
        }
    }

    private static string NewSecret() => "whsec_" + Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(24));

    private static HeaderDictionary Headers(string id, DateTimeOffset now, string signature) => new()
    {
        ["svix-id"] = id,
        ["svix-timestamp"] = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        ["svix-signature"] = signature,
    };
}
