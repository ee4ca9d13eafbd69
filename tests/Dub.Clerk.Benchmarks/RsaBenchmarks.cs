using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;

namespace Dub.Clerk.Benchmarks;

/// <summary>The bare RS256 verification of 500 bytes with a 2048-bit key, which no check of a session token can avoid.</summary>
[MemoryDiagnoser]
public class RsaBenchmarks
{
    private readonly RSA _rsa = RSA.Create();
    private readonly byte[] _signed = RandomNumberGenerator.GetBytes(500);
    private byte[] _signature = [];

    [GlobalSetup]
    public void Setup()
    {
        using var signer = RSA.Create(2048);
        _signature = signer.SignData(_signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        _rsa.ImportParameters(signer.ExportParameters(includePrivateParameters: false));
    }

    [Benchmark]
    public bool VerifyData() => _rsa.VerifyData(_signed, _signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
}
