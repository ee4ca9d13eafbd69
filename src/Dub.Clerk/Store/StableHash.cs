using System.Buffers;
using System.Text;

namespace Dub.Clerk.Store;

/// <summary>FNV-1a, 32 bits, over UTF-8: which partition an id belongs to. Stored data depends on it, so it must never change.</summary>
internal static class StableHash
{
    public static uint Compute(string text)
    {
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = null;
        var buffer = length <= 256 ? stackalloc byte[length] : rented = ArrayPool<byte>.Shared.Rent(length);
        var written = Encoding.UTF8.GetBytes(text, buffer);

        var hash = 2166136261u;
        foreach (var b in buffer[..written])
        {
            hash = (hash ^ b) * 16777619u;
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }
}
