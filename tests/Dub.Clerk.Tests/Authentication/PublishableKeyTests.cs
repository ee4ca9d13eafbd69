using Dub.Clerk.Authentication;

namespace Dub.Clerk.Tests.Authentication;

public sealed class PublishableKeyTests
{
    /// <summary>Computed by Clerk's own SDK.</summary>
    [Theory]
    [InlineData("pk_live_Y2xlcmsuY2xlcmsuZGV2JA", "1Z8AzTQD")]
    [InlineData("pk_test_Y2xlcmsuY2xlcmsuZGV2JA", "QvfNY2dr")]
    [InlineData("pk_live_ZmFrZS1jbGVyay10ZXN0LmNsZXJrLmFjY291bnRzLmRldiQ=", "qReyu04C")]
    [InlineData("pk_test_ZW5vdWdoLWFscGFjYS04Mi5jbGVyay5hY2NvdW50cy5sY2xjbGVyay5jb20k", "jtYvyt_H")]
    [InlineData("pk_test_eHh4eHh4LXhhYWFhYS1hYS5jbGVyay5hY2NvdW50cy5sY2xjbGVyay5jb20k", "tZJdb-5s")]
    [InlineData("pk_test_Y2xlcmsuaW5zcGlyZWQucHVtYS03NC5sY2wuZGV2JA", "vWCgMp3A")]
    public void KnownKey_HasItsCookieSuffix(string text, string suffix)
    {
        Assert.True(PublishableKey.TryParse(text, out var key, out _));
        Assert.Equal(suffix, key.CookieSuffix);
    }

    [Fact]
    public void LiveKey_NamesTheInstance()
    {
        Assert.True(PublishableKey.TryParse(" pk_live_Y2xlcmsuY2xlcmsuZGV2JA\n", out var key, out _));

        Assert.Equal("clerk.clerk.dev", key.FrontendApiHost);
        Assert.Equal("https://clerk.clerk.dev", key.Issuer);
        Assert.Equal(new Uri("https://clerk.clerk.dev/.well-known/jwks.json"), key.JwksAddress);
        Assert.True(key.IsProduction);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("pk_live_")]
    [InlineData("pk_live_=")]
    [InlineData("PK_live_Y2xlcmsuY2xlcmsuZGV2JA")]
    [InlineData("pk_prod_Y2xlcmsuY2xlcmsuZGV2JA")]
    [InlineData("pk_live_Y2xlcmsuY2xlcmsuZGV2")]
    [InlineData("pk_live_Y2xlcmsu Y2xlcmsuZGV2JA")]
    [InlineData("pk_live_Y2xlcmsuY2xlcmsuZGV2JA_x")]
    [InlineData("pk_live_%%%%")]
    public void DamagedKey_IsRefusedWithTheRemedy(string? text)
    {
        Assert.False(PublishableKey.TryParse(text, out _, out var error));
        Assert.Contains("CLERK_PUBLISHABLE_KEY", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost$")]
    [InlineData("clerk.example.com")]
    [InlineData("clerk.example.com$$")]
    [InlineData("clerk.$example.com$")]
    [InlineData("clerk.example.com/path$")]
    [InlineData("user@clerk.example.com$")]
    [InlineData("clerk.example.com:444$")]
    [InlineData("127.0.0.1$")]
    [InlineData("clerk.exämple.com$")]
    [InlineData("$")]
    public void WhatNamesNoClerkHost_IsRefused(string decoded)
    {
        var text = "pk_test_" + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(decoded));

        Assert.False(PublishableKey.TryParse(text, out _, out _));
    }

    [Fact]
    public void SecretKeyInItsPlace_IsNamedAndNotRepeated()
    {
        Assert.False(PublishableKey.TryParse("sk_live_abcdefghijkl", out _, out var error));
        Assert.Contains("secret key", error, StringComparison.Ordinal);
        Assert.DoesNotContain("abcdefghijkl", error, StringComparison.Ordinal);
    }
}
