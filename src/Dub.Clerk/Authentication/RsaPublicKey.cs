using System.Security.Cryptography;
using Microsoft.Extensions.ObjectPool;

namespace Dub.Clerk.Authentication;

/// <summary>A key that may sign session tokens. Imported once and used by many threads: an <see cref="RSA"/> object is not promised to be
/// thread-safe, so each use borrows one from a small pool.</summary>
internal sealed class RsaPublicKey
{
    private const int MinBits = 2048;
    private const int MaxBits = 8192;

    private readonly DefaultObjectPool<RSA> _pool;
    private readonly byte[]? _keyId;
    private readonly byte[] _modulus;
    private readonly byte[] _exponent;

    private RsaPublicKey(byte[]? keyId, RSAParameters parameters)
    {
        _keyId = keyId;
        (_modulus, _exponent) = (parameters.Modulus!, parameters.Exponent!);
        _pool = new DefaultObjectPool<RSA>(new Importer(parameters));
    }

    /// <summary>Makes a key of 2048 to 8192 bits whose exponent is odd, at least 65537 (the bound of FIPS 186-5) and at most 32 bits.</summary>
    /// <param name="keyId">Its <c>kid</c>; null when the key came without one and serves every <c>kid</c>.</param>
    /// <param name="modulus"><c>n</c>, most significant byte first.</param>
    /// <param name="exponent"><c>e</c>, likewise.</param>
    /// <returns>Null when it is not such a key.</returns>
    public static RsaPublicKey? TryCreate(byte[]? keyId, ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
    {
        modulus = modulus.TrimStart((byte)0);
        exponent = exponent.TrimStart((byte)0);
        if (!IsModulus(modulus) || !IsExponent(exponent))
        {
            return null;
        }

        var key = new RsaPublicKey(keyId, new RSAParameters { Modulus = modulus.ToArray(), Exponent = exponent.ToArray() });
        try
        {
            key._pool.Return(key._pool.Get());
            return key;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public bool Serves(ReadOnlySpan<byte> keyId) => _keyId is null || keyId.SequenceEqual(_keyId);

    /// <summary>Whether both are one key, whatever they are called.</summary>
    public bool IsSameAs(RsaPublicKey other) => _modulus.AsSpan().SequenceEqual(other._modulus) && _exponent.AsSpan().SequenceEqual(other._exponent);

    /// <summary>RS256: RSASSA-PKCS1-v1_5 over a SHA-256 hash.</summary>
    public bool Verifies(ReadOnlySpan<byte> sha256, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != _modulus.Length)
        {
            return false;
        }

        var rsa = _pool.Get();
        var valid = rsa.VerifyHash(sha256, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        _pool.Return(rsa);
        return valid;
    }

    private static bool IsModulus(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || (value[^1] & 1) == 0)
        {
            return false;
        }

        var bits = (value.Length * 8) - byte.LeadingZeroCount(value[0]);
        return bits is >= MinBits and <= MaxBits;
    }

    private static bool IsExponent(ReadOnlySpan<byte> value) => value.Length is 3 or 4 && (value[^1] & 1) == 1 && !value.SequenceEqual<byte>([0, 0, 1]);

    private sealed class Importer(RSAParameters parameters) : PooledObjectPolicy<RSA>
    {
        public override RSA Create() => RSA.Create(parameters);

        public override bool Return(RSA obj) => true;
    }
}
