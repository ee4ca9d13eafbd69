using System.Buffers;
using System.Text;

namespace Dub.Clerk.Store;

/// <summary>FNV-1a, 32 bits, over UTF-8: which partition an id belongs to. Stored data depends on it, so it must never change.</summary>
internal static class StableHash
{
    private const uint Prime = 16777619;

    public static uint Compute(ReadOnlySpan<char> text)
    {
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = null;
        var buffer = length <= 256 ? stackalloc byte[length] : rented = ArrayPool<byte>.Shared.Rent(length);
        var written = Encoding.UTF8.GetBytes(text, buffer);

        var hash = 2166136261u;
        foreach (var b in buffer[..written])
        {
            hash = Append(hash, b);
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }

    /// <summary>The hash of a text with one more byte, from the hash of the text.</summary>
    public static uint Append(uint hash, byte next) => (hash ^ next) * Prime;
}
