using System.Security.Cryptography;
using Dub.Clerk.Authentication;

namespace Dub.Clerk.Tests.Authentication;

public sealed class PemKeysTests
{
    private static readonly string Pem = TokenFixture.Clerk.PublicKeyPem;

    public static TheoryData<string, string> Spellings => new()
    {
        { "as issued", Pem },
        { "Windows line ends", Pem.ReplaceLineEndings("\r\n") },
        { "literal \\n", Pem.Replace("\n", "\\n", StringComparison.Ordinal) },
        { "literal \\r\\n", Pem.Replace("\n", "\\r\\n", StringComparison.Ordinal) },
        { "one line", Pem.Replace("\n", "", StringComparison.Ordinal) },
        { "spaces for line ends", Pem.Replace("\n", " ", StringComparison.Ordinal) },
        { "quoted", $"\"{Pem}\"" },
        { "indented", "  " + Pem.Replace("\n", "\n    ", StringComparison.Ordinal) },
        { "without armour", Bare(Pem) },
        { "without armour, one line", Bare(Pem).Replace("\n", "", StringComparison.Ordinal) },
        { "PKCS#1", Pkcs1() },
        { "PKCS#1, literal \\n", Pkcs1().Replace("\n", "\\n", StringComparison.Ordinal) },
        { "PKCS#1 without armour", Bare(Pkcs1()) },
        { "second of two", TokenFixture.Other.PublicKeyPem + "\n" + Pem },
        { "second of two on one line", (TokenFixture.Other.PublicKeyPem + Pem).Replace("\n", "\\n", StringComparison.Ordinal) },
        { "with a comment before it", "Clerk, production\n" + Pem },
    };

    [Theory, MemberData(nameof(Spellings))]
    public void Spelling_IsReadAndVerifies(string spelling, string text)
    {
        Assert.True(PemKeys.TryParse(text, out var keys, out var error), $"{spelling}: {error}");
        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(TokenFixture.Token().Build(), keys: keys.Current));
    }

    [Fact]
    public void LongerKey_IsRead()
    {
        using var rsa = RSA.Create(3072);
        var token = TokenFixture.Token().SignedBy(bytes => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)).Build();

        Assert.True(PemKeys.TryParse(rsa.ExportSubjectPublicKeyInfoPem(), out var keys, out _));
        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(token, keys: keys.Current));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("not a key")]
    [InlineData("-----BEGIN PUBLIC KEY-----")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nMIIB")]
    [InlineData("-----BEGIN ")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public void Unreadable_IsRefusedWithTheRemedy(string? text)
    {
        Assert.False(PemKeys.TryParse(text, out _, out var error));
        Assert.Contains("CLERK_JWT_KEY", error, StringComparison.Ordinal);
    }

    [Fact]
    public void ShortKey_IsRefused()
    {
        using var rsa = RSA.Create(1024);

        Assert.False(PemKeys.TryParse(rsa.ExportSubjectPublicKeyInfoPem(), out _, out _));
    }

    [Fact]
    public void EllipticKey_IsRefused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.False(PemKeys.TryParse(key.ExportSubjectPublicKeyInfoPem(), out _, out _));
    }

    [Fact]
    public void OneBadKeyAmongGoodOnes_IsRefused() =>
        Assert.False(PemKeys.TryParse(Pem + "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", out _, out _));

    [Fact]
    public void PrivateKey_IsRefusedAndNamed()
    {
        using var rsa = RSA.Create(2048);

        Assert.False(PemKeys.TryParse(rsa.ExportPkcs8PrivateKeyPem(), out _, out var error));
        Assert.Contains("private key", error, StringComparison.Ordinal);
    }

    private static string Bare(string pem) => string.Join('\n', pem.Split('\n').Where(line => !line.StartsWith('-')));

    private static string Pkcs1()
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Pem);
        return rsa.ExportRSAPublicKeyPem();
    }
}
