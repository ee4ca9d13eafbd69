using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using Dub.Clerk.Authentication;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Benchmarks;

/// <summary>What each kind of refusal costs beside a valid token. Every refusal must cost less; <see cref="RsaBenchmarks"/> is the floor.</summary>
[MemoryDiagnoser]
public class SessionTokenBenchmarks
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly ClerkStandIn _clerk = new();
    private readonly ClerkStandIn _other = new("other-2.clerk.accounts.dev");
    private SessionTokenRules _rules = null!;
    private SessionKeySet _keys = null!;
    private string _token = "";
    private readonly RSA _rsa = RSA.Create();
    private byte[] _signed = [];
    private byte[] _signature = [];

    /// <summary>A valid token, one with much in it, and each kind of refusal.</summary>
    public static IEnumerable<string> Kinds =>
    [
        "Valid", "ValidMany", "Oversize", "NotThreeParts", "HeaderNotJson", "HeaderMany", "AlgNone", "KeyUnknown", "SignatureWrong", "SignatureCut",
        "Expired", "IssuerWrong", "ClaimsDuplicate", "ExpiredMany",
    ];

    [ParamsSource(nameof(Kinds))]
    public string Kind { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var options = new DubClerkOptions { PublishableKey = _clerk.PublishableKey };
        options.AuthorizedParties.Add("https://app.example.com");
        _rules = SessionTokenRules.From(options)!;
        _keys = new SessionKeySet(JwksDocument.Parse(Encoding.UTF8.GetBytes(_clerk.Jwks())));
        _token = Build(new TokenBuilder(_clerk, Now).WithClaim("metadata", new JsonObject { ["dubClickId"] = "AbCdEfGh01234567" }));
        if (Kind == "Valid")
        {
            _rsa.ImportFromPem(_clerk.PublicKeyPem);
            var dot = _token.LastIndexOf('.');
            (_signed, _signature) = (Encoding.ASCII.GetBytes(_token[..dot]), Base64Url.DecodeFromChars(_token.AsSpan(dot + 1)));
        }
    }

    [Benchmark]
    public bool Verify() => SessionTokenVerifier.Verify(_token, _rules, _keys, Now, out _) == SessionTokenOutcome.Valid;

    /// <summary>The floor: the signature of the same text, its bytes at hand.</summary>
    public bool BareRsa() => _rsa.VerifyData(_signed, _signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private string Build(TokenBuilder token) => Kind switch
    {
        "Oversize" => new string('a', 20_000),
        "NotThreeParts" => "ak_live_2b7e151628aed2a6abf7158809cf4f3c",
        "HeaderNotJson" => token.WithHeaderText(text => text[..^1] + ",").Build(),
        "HeaderMany" => token.WithHeaderText(_ => "{" + string.Join(',', Enumerable.Range(100, 75).Select(i => $"\"a{i}\":0")) + "}").Build(),
        "AlgNone" => token.WithHeader("alg", "none").Build(),
        "KeyUnknown" => token.WithKeyIdOf(_other).Build(),
        "SignatureWrong" => token.SignedBy(_other).Build(),
        "SignatureCut" => token.SignedBy(_ => new byte[128]).Build(),
        "Expired" => token.WithClaim("exp", 1).Build(),
        "IssuerWrong" => token.WithClaim("iss", _other.Issuer).Build(),
        "ClaimsDuplicate" => token.WithClaimsText(text => "{\"sub\":\"user_1\"," + text[1..]).Build(),
        "ValidMany" => WithMany(token).Build(),
        "ExpiredMany" => WithMany(token.WithClaim("exp", 1)).Build(),
        _ => token.Build(),
    };

    /// <summary>200 members of metadata: the price of looking at each of them.</summary>
    private static TokenBuilder WithMany(TokenBuilder token)
        => token.WithClaim("metadata", new JsonObject(Enumerable.Range(1000, 200).Select(i => KeyValuePair.Create($"k{i}", (JsonNode?)0))));
}
