using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>Begins sessions, and says whether one still holds: it ends with its time, with the API key it was begun under, and with the setting that
/// allowed its user.</summary>
internal sealed class Sessions(HostOptions options, TimeProvider time)
{
    private const string UntilClaim = "until";
    private const string KeyClaim = "key";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>Clerk may sign the user out meanwhile, and would not tell us.</summary>
    private static readonly TimeSpan ClerkLifetime = TimeSpan.FromHours(1);

    private readonly byte[] _keyHash = SHA256.HashData(Encoding.UTF8.GetBytes(options.ApiKey));

    public bool IsKey(string presented) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), _keyHash);

    public bool IsAllowed(string userId) => options.Dashboard.Users.Contains(userId, StringComparer.Ordinal);

    /// <returns>What the cookie says, and until when.</returns>
    public (ClaimsPrincipal Principal, DateTimeOffset Until) Begin(Session session)
    {
        var until = time.GetUtcNow() + (session.Way == SignInWay.Clerk ? ClerkLifetime : Lifetime);
        var identity = session.ToIdentity();
        identity.AddClaim(new Claim(UntilClaim, until.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        identity.AddClaim(new Claim(KeyClaim, KeyMark));
        return (new ClaimsPrincipal(identity), until);
    }

    public bool IsValid(ClaimsPrincipal principal)
        => Session.Of(principal) is { } session
            && principal.FindFirst(KeyClaim)?.Value == KeyMark
            && long.TryParse(principal.FindFirst(UntilClaim)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var until)
            && time.GetUtcNow().ToUnixTimeSeconds() < until
            && (session.Way != SignInWay.Clerk || (session.UserId is { } user && IsAllowed(user)));

    /// <summary>Tells one key from another, and no more of it.</summary>
    private string KeyMark => Convert.ToHexString(SHA256.HashData([.. "dashboard:"u8, .. _keyHash]).AsSpan(0, 8));
}
