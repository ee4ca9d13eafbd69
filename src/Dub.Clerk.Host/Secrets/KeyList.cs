using System.Security.Cryptography;
using System.Text;

namespace Dub.Clerk.Host.Secrets;

/// <summary>Keys of one kind, any of which is good, so that one can be rotated without a gap. Only their hashes are kept.</summary>
internal sealed class KeyList
{
    public const int None = -1;

    private readonly byte[][] _hashes;

    public KeyList(IEnumerable<string> keys) => _hashes = [.. keys.Select(Hash)];

    public int Count => _hashes.Length;

    /// <summary>Compares with all of them, so that the time tells neither which it is nor how near it came.</summary>
    /// <returns>Which it is, from 0; <see cref="None"/> for none.</returns>
    public int Find(string presented)
    {
        // Hashes have one length, so that the comparison does not tell a key's.
        var hash = Hash(presented);
        var found = None;
        for (var i = 0; i < _hashes.Length; i++)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, _hashes[i]) ? i : found;
        }

        return found;
    }

    /// <summary>Tells one key from another, and no more of it.</summary>
    public string MarkOf(int key) => Convert.ToHexString(SHA256.HashData([.. "dashboard:"u8, .. _hashes[key]]).AsSpan(0, 8));

    public bool HasMark(string? mark) => Enumerable.Range(0, _hashes.Length).Any(key => MarkOf(key) == mark);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
