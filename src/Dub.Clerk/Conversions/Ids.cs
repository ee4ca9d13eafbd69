using System.Buffers.Binary;
using System.Security.Cryptography;
using Dub.Clerk.Store;

namespace Dub.Clerk.Conversions;

/// <summary>New ids in Dub's formats.</summary>
internal static class Ids
{
    private const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>A click or event id: 16 random letters and digits.</summary>
    public static string NewEvent() => string.Create(ClickId.Length, Alphanumeric, static (id, alphabet) => RandomText.Fill(id, alphabet));

    /// <summary>A click or event id that is kept on this shard: still 92 random bits.</summary>
    public static string NewEvent(int shard)
    {
        Span<char> id = stackalloc char[ClickId.Length];
        do
        {
            RandomText.Fill(id, Alphanumeric);
        }
        while (!TryEnd(id, Alphanumeric, StoreKeys.Shards, shard));

        return id.ToString();
    }

    /// <summary>A short link's key: random letters and digits, seven as in Dub.</summary>
    public static string NewLinkKey(int length = 7) => RandomNumberGenerator.GetString(Alphanumeric, length);

    /// <summary>A customer's id that is kept in this partition. Two tries or so, and still 74 random bits.</summary>
    public static string NewCustomer(int partition, DateTimeOffset now)
    {
        while (true)
        {
            var id = NewRecord("cus_", now).ToCharArray();
            if (TryEnd(id, Crockford, StoreKeys.Partitions, partition))
            {
                return new string(id);
            }
        }
    }

    /// <summary>Replaces the last character by a random one of those that bring the hash where it shall be. Faster than drawing until it is there.</summary>
    /// <returns>False when none does.</returns>
    private static bool TryEnd(Span<char> id, string alphabet, int places, int place)
    {
        var before = StableHash.Compute(id[..^1]);
        Span<char> fitting = stackalloc char[alphabet.Length];
        var count = 0;
        foreach (var last in alphabet)
        {
            if (StableHash.Append(before, (byte)last) % places == place)
            {
                fitting[count++] = last;
            }
        }

        if (count > 0)
        {
            id[^1] = fitting[RandomText.Below(count)];
        }

        return count > 0;
    }

    /// <summary>A record id, such as <c>cus_…</c>: a ULID (48 bits of time, 80 random) in Crockford's base 32 without leading zeros, so that
    /// the order of ids is the order of time.</summary>
    public static string NewRecord(string prefix, DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(now.ToUnixTimeMilliseconds() >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)now.ToUnixTimeMilliseconds());

        var rest = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        Span<char> digits = stackalloc char[26];
        var at = digits.Length;
        while (rest != 0)
        {
            digits[--at] = Crockford[(int)(rest & 31)];
            rest >>= 5;
        }

        return string.Concat(prefix, digits[at..]);
    }
}
