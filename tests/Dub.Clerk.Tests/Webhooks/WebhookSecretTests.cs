using Dub.Clerk.Webhooks;

namespace Dub.Clerk.Tests.Webhooks;

public sealed class WebhookSecretTests
{
    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("  whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")]
    [InlineData("whsec_AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("whsec_AAAAAAAAAAAAAAAAAAAAAA")]
    public void Secret_IsReadWithOrWithoutPrefixAndPadding(string text) =>
        Assert.True(WebhookSecret.TryParse(text, out _, out _));

    /// <summary>An empty key makes everyone a signer: npm standardwebhooks 1.0.0 accepts <c>whsec_</c> alone.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("whsec_AAAAAAAAAAAAAAAAAAAA")]
    [InlineData("whsec_%%%%")]
    [InlineData("whsec_AAAAA")]
    [InlineData("whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    public void EmptyShortOrForeignSecret_IsRefusedWithTheRemedy(string? text)
    {
        Assert.False(WebhookSecret.TryParse(text, out _, out var error));
        Assert.Contains("Clerk Dashboard", error, StringComparison.Ordinal);
        Assert.True(text is null or "" or "whsec_" || !error.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void Secret_DoesNotShowItself() =>
        Assert.DoesNotContain("MfKQ", DeliveryFixture.SecretOf(DeliveryFixture.Secret).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Cache_ParsesAgainOnlyWhenTheListChanges()
    {
        var cache = new WebhookSecretCache();
        var configured = new List<string> { DeliveryFixture.Secret };
        var first = cache.Get(configured);

        Assert.Same(first, cache.Get([DeliveryFixture.Secret]));
        configured.Add("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
        Assert.Equal(2, cache.Get(configured).Length);
        configured[0] = "whsec_AAAAAAAAAAAAAAAAAAAAAAAA";
        Assert.NotSame(first, cache.Get(configured));
        Assert.Empty(cache.Get([]));
    }

    [Fact]
    public void Cache_LeavesOutWhatIsUnusable() =>
        Assert.Single(new WebhookSecretCache().Get(["whsec_", DeliveryFixture.Secret]));
}
