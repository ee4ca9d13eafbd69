using System.Buffers;
using System.Runtime.ExceptionServices;
using Dub.Clerk.Webhooks;

namespace Dub.Clerk.Tests.Webhooks;

public sealed class WebhookVerifierTests
{
    private const string OtherSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

    private static string Signature => DeliveryFixture.Delivery().Headers()["svix-signature"]!;

    [Theory]
    [InlineData("svix")]
    [InlineData("webhook")]
    public void Delivery_OfEitherFamily_IsVerified(string family)
    {
        var delivery = DeliveryFixture.Delivery();
        delivery.Family = family;

        Assert.Equal(WebhookVerificationResult.Verified, DeliveryFixture.Verify(delivery));
    }

    [Theory]
    [InlineData(-300, nameof(WebhookVerificationResult.Verified))]
    [InlineData(-301, nameof(WebhookVerificationResult.TimestampTooOld))]
    [InlineData(300, nameof(WebhookVerificationResult.Verified))]
    [InlineData(301, nameof(WebhookVerificationResult.TimestampTooNew))]
    public void Timestamp_IsAcceptedUpToTheTolerance(int seconds, string expected)
    {
        var delivery = DeliveryFixture.Delivery();
        delivery.Timestamp += seconds;

        Assert.Equal(expected, DeliveryFixture.Verify(delivery).ToString());
    }

    [Fact]
    public void TimestampAtTheTolerance_IsAcceptedThroughoutThatSecond() =>
        Assert.Equal(WebhookVerificationResult.Verified, DeliveryFixture.Verify(DeliveryFixture.Delivery(), now: DeliveryFixture.Now.AddSeconds(300.999)));

    [Theory]
    [InlineData("svix-id")]
    [InlineData("svix-timestamp")]
    [InlineData("svix-signature")]
    public void HeaderLeftOutEmptyOrTwice_IsRefused(string name)
    {
        var value = DeliveryFixture.Delivery().Headers()[name].ToString();

        Assert.Equal(WebhookVerificationResult.HeaderMissing, DeliveryFixture.Verify(DeliveryFixture.Delivery().WithHeader(name)));
        Assert.Equal(WebhookVerificationResult.HeaderMissing, DeliveryFixture.Verify(DeliveryFixture.Delivery().WithHeader(name, "")));
        Assert.Equal(WebhookVerificationResult.HeaderMissing, DeliveryFixture.Verify(DeliveryFixture.Delivery().WithHeader(name, "  ")));
        Assert.Equal(WebhookVerificationResult.HeaderRepeated, DeliveryFixture.Verify(DeliveryFixture.Delivery().WithHeader(name, value, value)));
    }

    [Fact]
    public void FamiliesMixed_AreRefused()
    {
        var delivery = DeliveryFixture.Delivery().WithHeader("svix-id").WithHeader("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek");

        Assert.Equal(WebhookVerificationResult.HeaderMissing, DeliveryFixture.Verify(delivery));
    }

    [Fact]
    public void NoHeaders_AreMissing() =>
        Assert.Equal(WebhookVerificationResult.HeaderMissing, WebhookHeaders.Read(new Microsoft.AspNetCore.Http.HeaderDictionary(), out _));

    [Theory]
    [InlineData("msg with spaces")]
    [InlineData("msg_é")]
    [InlineData("msg/1")]
    [InlineData("msg_1\u200d")]
    public void IdWithOtherCharacters_IsRefused(string id)
    {
        var delivery = DeliveryFixture.Delivery();
        delivery.Id = id;

        Assert.Equal(WebhookVerificationResult.IdMalformed, DeliveryFixture.Verify(delivery));
    }

    [Fact]
    public void Id_MayHave256CharactersAndNoMore()
    {
        var longest = DeliveryFixture.Delivery();
        longest.Id = new string('m', 256);
        Assert.Equal(WebhookVerificationResult.Verified, DeliveryFixture.Verify(longest));

        var tooLong = DeliveryFixture.Delivery().WithHeader("svix-id", new string('m', 257));
        Assert.Equal(WebhookVerificationResult.IdMalformed, DeliveryFixture.Verify(tooLong));
    }

    [Theory]
    [InlineData("1800000000000")]
    [InlineData("1e9")]
    [InlineData("0x6B49D200")]
    [InlineData("18000\u06600000")]
    public void TimestampOfOtherForm_IsRefused(string timestamp) =>
        Assert.Equal(WebhookVerificationResult.TimestampMalformed, DeliveryFixture.Verify(DeliveryFixture.Delivery().WithHeader("svix-timestamp", timestamp)));

    [Fact]
    public void TimestampWithLeadingZero_IsAnotherTextThanWasSigned() =>
        Assert.Equal(WebhookVerificationResult.SignatureMismatch, DeliveryFixture.Verify(DeliveryFixture.Delivery().WithHeader("svix-timestamp", "01800000000")));

    [Fact]
    public void GoodSignatureAmongOthers_IsFound()
    {
        foreach (var header in new[] { $"v1a,xxxx {Signature}", $"nonsense  {Signature} v2,abc", $"{Signature} v1," + new string('A', 44), $"v1,{new string('A', 44)} {Signature}" })
        {
            Assert.Equal(WebhookVerificationResult.Verified, DeliveryFixture.Verify(DeliveryFixture.Delivery().WithHeader("svix-signature", header)));
        }
    }

    [Fact]
    public void Signatures_AreReadUpTo16AndNoFurther()
    {
        string After(int others) => string.Concat(Enumerable.Repeat("v2,x ", others)) + Signature;

        Assert.Equal(WebhookVerificationResult.Verified, DeliveryFixture.Verify(DeliveryFixture.Delivery().WithHeader("svix-signature", After(15))));
        Assert.Equal(
            WebhookVerificationResult.SignatureHeaderTooLong, DeliveryFixture.Verify(DeliveryFixture.Delivery().WithHeader("svix-signature", After(16))));
    }

    [Fact]
    public void SignatureHeaderOver4KB_IsRefused() => Assert.Equal(
        WebhookVerificationResult.SignatureHeaderTooLong,
        DeliveryFixture.Verify(DeliveryFixture.Delivery().WithHeader("svix-signature", Signature + " " + new string('x', 4096))));

    [Fact]
    public void SignatureInBase64Url_IsRefusedWhereTheAlphabetsDiffer()
    {
        for (var attempt = 0; ; attempt++)
        {
            var delivery = DeliveryFixture.Delivery();
            delivery.Id = $"msg_{attempt}";
            string signature = delivery.Headers()["svix-signature"]!;
            if (signature.IndexOfAny(['+', '/']) >= 0)
            {
                delivery.WithHeader("svix-signature", signature.Replace('+', '-').Replace('/', '_'));
                Assert.Equal(WebhookVerificationResult.SignatureMismatch, DeliveryFixture.Verify(delivery));
                return;
            }
        }
    }

    /// <summary>Svix's C# library compares the version by culture, where these are invisible.</summary>
    [Theory]
    [InlineData("v1\u200d,")]
    [InlineData("v1\u00ad,")]
    [InlineData("\u200dv1,")]
    public void VersionWithInvisibleCharacters_IsNotV1(string version) => Assert.Equal(
        WebhookVerificationResult.SignatureUnsupported,
        DeliveryFixture.Verify(DeliveryFixture.Delivery().WithHeader("svix-signature", version + Signature[3..])));

    [Fact]
    public void AnyOfSeveralSecrets_Verifies()
    {
        var headers = DeliveryFixture.Delivery().Headers();

        Assert.Equal(
            WebhookVerificationResult.Verified,
            DeliveryFixture.Verify(headers, DeliveryFixture.Body, DeliveryFixture.Now, DeliveryFixture.SecretOf(OtherSecret), DeliveryFixture.SecretOf(DeliveryFixture.Secret)));
        Assert.Equal(
            WebhookVerificationResult.SignatureMismatch,
            DeliveryFixture.Verify(headers, DeliveryFixture.Body, DeliveryFixture.Now, DeliveryFixture.SecretOf(OtherSecret)));
        Assert.Equal(WebhookVerificationResult.SecretMissing, DeliveryFixture.Verify(headers, DeliveryFixture.Body, DeliveryFixture.Now));
    }

    [Fact]
    public void BodyInPieces_IsTheSameBody()
    {
        var first = new Segment(DeliveryFixture.Body.AsMemory(0, 7));
        var last = first.Then(DeliveryFixture.Body.AsMemory(7, 1)).Then(DeliveryFixture.Body.AsMemory(8));
        WebhookHeaders.Read(DeliveryFixture.Delivery().Headers(), out var headers);

        Assert.Equal(
            WebhookVerificationResult.Verified,
            WebhookVerifier.Verify(
                headers,
                new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length),
                [DeliveryFixture.SecretOf(DeliveryFixture.Secret)],
                DeliveryFixture.Now,
                DeliveryFixture.Tolerance));
    }

    [Fact]
    public void BytesThatAreNoText_AreVerifiedAsTheyAre()
    {
        var delivery = DeliveryFixture.Delivery();
        delivery.Body = [0xFF, 0xFE, 0x00, 0xC3, 0x28];

        Assert.Equal(WebhookVerificationResult.Verified, DeliveryFixture.Verify(delivery));
    }

    [Fact]
    public async Task OneSecretInManyThreads_KeepsItsHashesApart()
    {
        var secret = DeliveryFixture.SecretOf(DeliveryFixture.Secret);
        var headers = DeliveryFixture.Delivery().Headers();

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
            Enumerable.Range(0, 500).All(i => DeliveryFixture.Verify(headers, i % 3 == 0 ? [1, 2, 3] : DeliveryFixture.Body, DeliveryFixture.Now, secret)
                == (i % 3 == 0 ? WebhookVerificationResult.SignatureMismatch : WebhookVerificationResult.Verified)))));

        Assert.All(results, Assert.True);
    }

    [Fact]
    public void VerificationAndRefusal_ThrowNothingAndAllocateUnder256Bytes()
    {
        var secrets = new[] { DeliveryFixture.SecretOf(DeliveryFixture.Secret) };
        var body = new ReadOnlySequence<byte>(DeliveryFixture.Body);
        var good = DeliveryFixture.Delivery().Headers();
        var bad = DeliveryFixture.Delivery().WithHeader("svix-signature", "v1," + new string('A', 44)).Headers();
        var thrown = 0;
        var thread = Environment.CurrentManagedThreadId;
        void Count(object? sender, FirstChanceExceptionEventArgs e) => thrown += Environment.CurrentManagedThreadId == thread ? 1 : 0;

        AppDomain.CurrentDomain.FirstChanceException += Count;
        try
        {
            foreach (var headers in new[] { good, bad })
            {
                Run(headers);
                var before = GC.GetAllocatedBytesForCurrentThread();
                Run(headers);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256);
            }
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
        }

        Assert.Equal(0, thrown);

        void Run(Microsoft.AspNetCore.Http.HeaderDictionary headers)
        {
            WebhookHeaders.Read(headers, out var values);
            WebhookVerifier.Verify(values, body, secrets, DeliveryFixture.Now, DeliveryFixture.Tolerance);
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
