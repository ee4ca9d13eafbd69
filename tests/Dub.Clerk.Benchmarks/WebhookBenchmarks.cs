using System.Buffers;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Dub.Clerk.Testing;
using Dub.Clerk.Webhooks;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Benchmarks;

/// <summary>A whole check of a delivery, headers included, beside the bare HMAC over its body.</summary>
[MemoryDiagnoser]
public class WebhookBenchmarks
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private readonly byte[] _key = Convert.FromBase64String(Secret[6..]);
    private readonly byte[] _mac = new byte[32];
    private byte[] _body = [];
    private HeaderDictionary _good = [];
    private HeaderDictionary _stale = [];
    private HeaderDictionary _forged = [];
    private WebhookSecret[] _secrets = [];

    [Params(2_000, 20_000)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _body = RandomNumberGenerator.GetBytes(Size);
        _good = new DeliveryBuilder(Secret, _body, Now).Headers();
        _stale = new DeliveryBuilder(Secret, _body, Now.AddHours(-1)).Headers();
        _forged = new DeliveryBuilder(Secret, _body, Now).WithHeader("svix-signature", "v1," + new string('A', 43) + "=").Headers();
        _ = WebhookSecret.TryParse(Secret, out var secret, out _);
        _secrets = [secret!];
    }

    [Benchmark(Baseline = true)]
    public int BareHmac() => HMACSHA256.HashData(_key, _body, _mac);

    [Benchmark]
    public bool Verified() => Verify(_good);

    [Benchmark]
    public bool Forged() => Verify(_forged);

    [Benchmark]
    public bool Stale() => Verify(_stale);

    private bool Verify(HeaderDictionary headers)
    {
        WebhookHeaders.Read(headers, out var values);
        return WebhookVerifier.Verify(values, new ReadOnlySequence<byte>(_body), _secrets, Now, Tolerance) == WebhookVerificationResult.Verified;
    }
}
