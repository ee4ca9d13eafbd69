using CsCheck;
using Dub.Clerk.Webhooks;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Tests.Webhooks;

/// <summary>What must hold for every delivery, tried on generated ones.</summary>
public sealed class WebhookPropertyTests
{
    private static readonly WebhookSecret Secret = DeliveryFixture.SecretOf(DeliveryFixture.Secret);

    [Fact]
    public void AnyChangedByteOfTheBody_IsRefused() =>
        Gen.Select(Gen.Int[0, DeliveryFixture.Body.Length - 1], Gen.Byte[1, 255]).Sample(
            (at, mask) =>
            {
                var body = DeliveryFixture.Body.ToArray();
                body[at] ^= mask;
                return Verify(DeliveryFixture.Delivery().Headers(), body) == WebhookVerificationResult.SignatureMismatch;
            },
            iter: Inputs.Count);

    [Fact]
    public void AnyChangedCharacterOfAHeader_IsRefused() =>
        Gen.Select(Gen.OneOf("svix-id", "svix-timestamp", "svix-signature"), Gen.Int[0, 1000], Gen.OneOf(Gen.Char, Gen.Char[' ', '~'])).Sample(
            (name, position, with) =>
            {
                var headers = DeliveryFixture.Delivery().Headers();
                var value = headers[name].ToString();
                var at = position % value.Length;
                if (value[at] == with)
                {
                    return true;
                }

                headers[name] = value[..at] + with + value[(at + 1)..];
                return Verify(headers, DeliveryFixture.Body) != WebhookVerificationResult.Verified;
            },
            iter: Inputs.Count);

    [Fact]
    public void AnyBodySignedAndSent_IsVerified() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.String[Gen.Char["ABCxyz019_.-"], 1, 256], Gen.Long[-300, 300]).Sample(
            (body, id, age) =>
            {
                var timestamp = DeliveryFixture.Now.ToUnixTimeSeconds() + age;
                var headers = Headers(id, timestamp.ToString(System.Globalization.CultureInfo.InvariantCulture), WebhookVerifier.Sign(Secret, id, timestamp, body));
                return Verify(headers, body) == WebhookVerificationResult.Verified;
            },
            iter: Inputs.Count);

    [Fact]
    public void AnyHeaders_AreRefusedWithoutAnException() =>
        Gen.Select(
            Gen.OneOf(Gen.String, Gen.Const("msg_1")),
            Gen.OneOf(Gen.String, Gen.Const("1800000000")),
            Gen.OneOf(Gen.String, Gen.OneOf(Gen.OneOf("v1,", "v1", " ", ",", "v2,", "v1," + new string('A', 43) + "="), Gen.String[0, 3]).Array[0, 20].Select(string.Concat))).Sample(
            (id, timestamp, signature) => Verify(Headers(id, timestamp, signature), DeliveryFixture.Body) != WebhookVerificationResult.Verified,
            iter: Inputs.Count);

    private static HeaderDictionary Headers(string id, string timestamp, string signature) =>
        new() { ["svix-id"] = id, ["svix-timestamp"] = timestamp, ["svix-signature"] = signature };

    private static WebhookVerificationResult Verify(HeaderDictionary headers, byte[] body) =>
        DeliveryFixture.Verify(headers, body, DeliveryFixture.Now, Secret);
}
