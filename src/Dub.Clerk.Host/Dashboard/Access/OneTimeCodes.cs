using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>Codes that sign somebody in once, within ten minutes. Known to this process only.</summary>
internal sealed class OneTimeCodes(TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const int Length = 32;
    private const string Characters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    /// <summary>Until when, by the code's hash: who looks into our memory finds none.</summary>
    private readonly ConcurrentDictionary<string, DateTimeOffset> _open = new(StringComparer.Ordinal);

    public string Create()
    {
        var code = RandomNumberGenerator.GetString(Characters, Length);
        _open[HashOf(code)] = time.GetUtcNow() + Lifetime;
        return code;
    }

    /// <returns>Whether it was good; now it is no longer.</returns>
    public bool Use(string code) => _open.TryRemove(HashOf(code), out var until) && time.GetUtcNow() < until;

    private static string HashOf(string code) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(code)));
}
