using System.Security.Cryptography;

namespace Dub.Clerk.Authentication;

/// <summary>The keys in force at one moment. Never changed: a refresh makes another one.</summary>
internal sealed class SessionKeySet(params RsaPublicKey[] keys)
{
    /// <summary>No keys known, so that nothing can be checked and everything is refused.</summary>
    public static readonly SessionKeySet None = new();

    public IReadOnlyList<RsaPublicKey> Keys => keys;

    /// <param name="keyId">The token's <c>kid</c>. Because it is the instance's id, a new key may come with the old one, so all that have
    /// it are tried.</param>
    /// <param name="signed">The bytes under the signature.</param>
    /// <param name="signature">The signature.</param>
    public SessionTokenOutcome Check(ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (keys.Length == 0)
        {
            return SessionTokenOutcome.KeysUnavailable;
        }

        var outcome = SessionTokenOutcome.KeyUnknown;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (var key in keys)
        {
            if (!key.Serves(keyId))
            {
                continue;
            }

            if (outcome == SessionTokenOutcome.KeyUnknown)
            {
                SHA256.HashData(signed, hash);
                outcome = SessionTokenOutcome.SignatureInvalid;
            }

            if (key.Verifies(hash, signature))
            {
                return SessionTokenOutcome.Valid;
            }
        }

        return outcome;
    }
}
