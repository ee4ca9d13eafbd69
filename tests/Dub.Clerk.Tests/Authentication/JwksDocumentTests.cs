using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Authentication;

namespace Dub.Clerk.Tests.Authentication;

public sealed class JwksDocumentTests
{
    public static TheoryData<string> Unusable => [.. UnusableKeys.Keys];

    private static readonly Dictionary<string, Action<JsonObject>> UnusableKeys = new()
    {
        ["symmetric"] = key => key["kty"] = "oct",
        ["elliptic"] = key => key["kty"] = "EC",
        ["no kty"] = key => key.Remove("kty"),
        ["for encryption"] = key => key["use"] = "enc",
        ["use a number"] = key => key["use"] = 1,
        ["RS512"] = key => key["alg"] = "RS512",
        ["PS256"] = key => key["alg"] = "PS256",
        ["with its private part"] = key => key["d"] = "AQAB",
        ["no kid"] = key => key.Remove("kid"),
        ["kid a number"] = key => key["kid"] = 1,
        ["1024 bits"] = key => key["n"] = Modulus(1024),
        ["2047 bits"] = key => key["n"] = Base64Url.EncodeToString([0x7F, .. new byte[254], 1]),
        ["16384 bits"] = key => key["n"] = Base64Url.EncodeToString([0x80, .. new byte[2046], 1]),
        ["an even modulus"] = key => key["n"] = Base64Url.EncodeToString([0x80, .. new byte[255]]),
        ["modulus in standard base64"] = key => key["n"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(256)) + "==",
        ["modulus missing"] = key => key.Remove("n"),
        ["exponent 1"] = key => key["e"] = "AQ",
        ["exponent 3"] = key => key["e"] = "Aw",
        ["an even exponent"] = key => key["e"] = "AQAC",
        ["exponent 0"] = key => key["e"] = "",
        ["an exponent of 64 bits"] = key => key["e"] = Base64Url.EncodeToString([0x80, 0, 0, 0, 0, 0, 0, 1]),
    };

    [Theory, MemberData(nameof(Unusable))]
    public void UnusableKey_IsLeftOutAndTheGoodOneKept(string name)
    {
        var set = JsonNode.Parse(TokenFixture.Clerk.Jwks())!.AsObject();
        var bad = JsonNode.Parse(TokenFixture.Other.Jwks())!["keys"]![0]!.DeepClone().AsObject();
        UnusableKeys[name](bad);
        set["keys"]!.AsArray().Insert(0, bad);

        Assert.Single(Parse(set.ToJsonString()));
    }

    [Theory]
    [InlineData("alg")]
    [InlineData("use")]
    public void KeyWithoutOptionalMember_IsTaken(string member)
    {
        var set = JsonNode.Parse(TokenFixture.Clerk.Jwks())!.AsObject();
        set["keys"]![0]!.AsObject().Remove(member);

        Assert.Single(Parse(set.ToJsonString()));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[null,1,"x",[]]}""")]
    public void SetWithoutKeys_HasNone(string json) => Assert.Empty(Parse(json));

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("""{"keys":[],"keys":[]}""")]
    [InlineData("""{"keys":[]} trailing""")]
    public void WhatIsNotStrictJson_Throws(string json) => Assert.ThrowsAny<JsonException>(() => Parse(json));

    private static RsaPublicKey[] Parse(string json) => JwksDocument.Parse(Encoding.UTF8.GetBytes(json));

    private static string Modulus(int bits)
    {
        using var rsa = RSA.Create(bits);
        return Base64Url.EncodeToString(rsa.ExportParameters(includePrivateParameters: false).Modulus);
    }
}
