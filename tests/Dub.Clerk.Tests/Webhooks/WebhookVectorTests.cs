using Dub.Clerk.Tests.Vectors;
using Dub.Clerk.Webhooks;

namespace Dub.Clerk.Tests.Webhooks;

/// <summary>Every webhook vector gives its recommended verdict, and for the right reason. Three leave it to us, and we accept them:
/// <list type="bullet">
/// <item><c>base64url</c>: this signature has neither <c>+</c> nor <c>/</c>, so both alphabets spell it alike and it is simply valid. One that
/// differs is refused: see <see cref="WebhookVerifierTests"/>.</item>
/// <item><c>empty body</c>: the signature is good, and it covers no bytes. That an event needs JSON is the endpoint's affair, not the signature's.</item>
/// <item><c>body with BOM, signed</c>: bytes are signed, and these are the bytes. Libraries that decode to text first lose the mark and refuse.</item>
/// </list></summary>
public sealed class WebhookVectorTests
{
    private static readonly Dictionary<string, WebhookVerificationResult> Refusals = new()
    {
        ["missing id"] = WebhookVerificationResult.HeaderMissing,
        ["missing ts"] = WebhookVerificationResult.HeaderMissing,
        ["missing sig"] = WebhookVerificationResult.HeaderMissing,
        ["ts -301"] = WebhookVerificationResult.TimestampTooOld,
        ["ts mismatch"] = WebhookVerificationResult.SignatureMismatch,
        ["ts hello"] = WebhookVerificationResult.TimestampMalformed,
        ["ts float"] = WebhookVerificationResult.TimestampMalformed,
        ["ts plus signed raw"] = WebhookVerificationResult.TimestampMalformed,
        ["ts space signed raw"] = WebhookVerificationResult.TimestampMalformed,
        ["ts ms"] = WebhookVerificationResult.TimestampMalformed,
        ["ts negative"] = WebhookVerificationResult.TimestampMalformed,
        ["ts arabic digits"] = WebhookVerificationResult.TimestampMalformed,
        ["multi none valid"] = WebhookVerificationResult.SignatureUnsupported,
        ["v2 only"] = WebhookVerificationResult.SignatureUnsupported,
        ["V1 upper"] = WebhookVerificationResult.SignatureUnsupported,
        ["v1 only"] = WebhookVerificationResult.SignatureUnsupported,
        ["v1, empty"] = WebhookVerificationResult.SignatureUnsupported,
        ["no padding"] = WebhookVerificationResult.SignatureUnsupported,
        ["body tampered"] = WebhookVerificationResult.SignatureMismatch,
        ["body re-serialised"] = WebhookVerificationResult.SignatureMismatch,
        ["other secret"] = WebhookVerificationResult.SignatureMismatch,
        ["empty-key forgery"] = WebhookVerificationResult.SignatureMismatch,
    };

    public static TheoryData<string> Names => [.. WebhookVectors.Cases.Select(vector => vector.Name)];

    public static TheoryData<int> KnownSignatures => [.. Enumerable.Range(0, WebhookVectors.KnownSignatures.Count())];

    [Theory, MemberData(nameof(Names))]
    public void Vector_GivesItsOutcome(string name)
    {
        var (_, headers, body, recommended) = WebhookVectors.Cases.Single(vector => vector.Name == name);

        var result = DeliveryFixture.Verify(headers, body, WebhookVectors.Now, DeliveryFixture.SecretOf(WebhookVectors.Secret));

        Assert.Equal(Refusals.GetValueOrDefault(name, WebhookVerificationResult.Verified), result);
        Assert.Equal(recommended is "accept" or "policy", result == WebhookVerificationResult.Verified);
    }

    [Theory, MemberData(nameof(KnownSignatures))]
    public void SignatureThatSvixPublishes_IsReproduced(int index)
    {
        var (secret, id, timestamp, body, signature) = WebhookVectors.KnownSignatures.ElementAt(index);

        Assert.Equal(signature, WebhookVerifier.Sign(DeliveryFixture.SecretOf(secret), id, timestamp, body));
    }
}
