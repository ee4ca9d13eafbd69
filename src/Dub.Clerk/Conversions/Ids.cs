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
    public static string NewEvent() => RandomNumberGenerator.GetString(Alphanumeric, ClickId.Length);

    /// <summary>A click id that is kept on this shard. Some tries, and still 92 random bits.</summary>
    public static string NewEvent(int shard)
    {
        var id = NewEvent();
        while (StoreKeys.ShardOf(id) != shard)
        {
            id = NewEvent();
        }

        return id;
    }

    /// <summary>A short link's key: random letters and digits, seven as in Dub.</summary>
    public static string NewLinkKey(int length = 7) => RandomNumberGenerator.GetString(Alphanumeric, length);

    /// <summary>A customer's id that is kept in this partition. Some tries, and still 74 random bits.</summary>
    public static string NewCustomer(int partition, DateTimeOffset now)
    {
        var id = NewRecord("cus_", now);
        while (StoreKeys.PartitionOf(id) != partition)
        {
            id = NewRecord("cus_", now);
        }

        return id;
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
