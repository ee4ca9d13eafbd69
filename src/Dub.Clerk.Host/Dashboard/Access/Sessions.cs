using System.Globalization;
using System.Security.Claims;
using Dub.Clerk.Host.Secrets;

namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>Begins sessions, and says whether one still holds: it ends with its time, with the key it was begun under, and with the setting that
/// allowed its user.</summary>
internal sealed class Sessions(LiveDashboard dashboard, LiveSecrets secrets, TimeProvider time)
{
    private const string UntilClaim = "until";
    private const string KeyClaim = "key";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>Clerk may sign the user out meanwhile, and would not tell us.</summary>
    private static readonly TimeSpan ClerkLifetime = TimeSpan.FromHours(1);

    /// <returns>Who presents this key; null where it is none of the host's.</returns>
    public Session? WithKey(string presented)
    {
        var current = secrets.Current;
        var (full, reading) = (current.ApiKeys.Find(presented), current.ReadKeys.Find(presented));
        return full != KeyList.None ? new Session(SignInWay.Key) { Key = full }
            : reading != KeyList.None ? new Session(SignInWay.ReadKey) { Key = reading }
            : null;
    }

    public bool IsAllowed(string userId) => dashboard.Current.Users.Contains(userId, StringComparer.Ordinal);

    /// <returns>What the cookie says, and until when.</returns>
    public (ClaimsPrincipal Principal, DateTimeOffset Until) Begin(Session session)
    {
        var until = time.GetUtcNow() + (session.Way == SignInWay.Clerk ? ClerkLifetime : Lifetime);
        var identity = session.ToIdentity();
        identity.AddClaim(new Claim(UntilClaim, until.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        identity.AddClaim(new Claim(KeyClaim, KeysOf(session).MarkOf(session.Key)));
        return (new ClaimsPrincipal(identity), until);
    }

    public bool IsValid(ClaimsPrincipal principal)
        => Session.Of(principal) is { } session
            && KeysOf(session).HasMark(principal.FindFirst(KeyClaim)?.Value)
            && long.TryParse(principal.FindFirst(UntilClaim)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var until)
            && time.GetUtcNow().ToUnixTimeSeconds() < until
            && (session.Way != SignInWay.Clerk || (session.UserId is { } user && IsAllowed(user)));

    private KeyList KeysOf(Session session) => session.Way == SignInWay.ReadKey ? secrets.Current.ReadKeys : secrets.Current.ApiKeys;
}
