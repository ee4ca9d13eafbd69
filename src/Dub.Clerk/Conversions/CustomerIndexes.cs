using System.Security.Cryptography;
using System.Text;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>The indexes a customer is in: of all customers, of its link, of its country and of its e-mail address. Members are <c>id home</c>.</summary>
internal static class CustomerIndexes
{
    public const string All = "all";

    public static string OfLink(string linkId) => "link:" + linkId;

    public static string OfCountry(string country) => "country:" + country;

    /// <summary>By its hash, so that no key tells the address.</summary>
    public static string OfEmail(string email) => "email:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(email)));

    public static string Member(string customerId, string home) => $"{customerId} {home}";

    public static string HomeOf(string member) => member.Split(' ', 2)[1];

    public static RedisKey KeyOfEmail(StoreKeys keys, string home, string? email)
        => keys.CustomerIndex(StoreKeys.PartitionOf(home), string.IsNullOrEmpty(email) ? All : OfEmail(email));

    /// <summary>The key of the id and then of four indexes: what a customer does not have names the first again.</summary>
    public static RedisKey[] KeysOf(StoreKeys keys, string customerId, string home, string? linkId, string? country, string? email)
    {
        var partition = StoreKeys.PartitionOf(home);
        return
        [
            keys.CustomerId(customerId),
            keys.CustomerIndex(partition, All),
            keys.CustomerIndex(partition, string.IsNullOrEmpty(linkId) ? All : OfLink(linkId)),
            keys.CustomerIndex(partition, string.IsNullOrEmpty(country) ? All : OfCountry(country)),
            KeyOfEmail(keys, home, email),
        ];
    }
}
