using System.Security.Claims;

namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>How somebody signed in.</summary>
internal enum SignInWay
{
    /// <summary>With the link on the console.</summary>
    Link,

    /// <summary>With an API key.</summary>
    Key,

    /// <summary>With a read-only API key.</summary>
    ReadKey,

    /// <summary>With a Clerk session.</summary>
    Clerk,
}

/// <summary>Somebody who signed in, as the cookie has it.</summary>
/// <param name="Way">How.</param>
/// <param name="UserId">The Clerk user; null for the others, whom nobody knows by name.</param>
internal sealed record Session(SignInWay Way, string? UserId = null)
{
    public const string ViaClaim = "via";
    private const string UserClaim = "sub";

    /// <summary>Which of the host's keys it was begun under: the one presented, else the first.</summary>
    public int Key { get; init; }

    /// <summary>Whether it may change anything.</summary>
    public bool MayAct => Way != SignInWay.ReadKey;

    public static Session? Of(ClaimsPrincipal principal)
        => Enum.TryParse<SignInWay>(principal.FindFirst(ViaClaim)?.Value, out var way) ? new Session(way, principal.FindFirst(UserClaim)?.Value) : null;

    public ClaimsIdentity ToIdentity() => new(
        UserId is null ? [new Claim(ViaClaim, Way.ToString())] : [new Claim(ViaClaim, Way.ToString()), new Claim(UserClaim, UserId)], DashboardAccess.Scheme);
}
