using System.Security.Claims;

namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>Who may have names and e-mail addresses shown.</summary>
internal sealed class PersonalDataRule(LiveDashboard dashboard)
{
    public bool MaySee(ClaimsPrincipal principal)
        => Session.Of(principal) is { } session && dashboard.Current.PersonalData.Contains(NameOf(session), StringComparer.Ordinal);

    private static string? NameOf(Session session) => session.Way switch
    {
        SignInWay.Clerk => session.UserId,
        SignInWay.ReadKey => DashboardOptions.Reader,
        _ => DashboardOptions.KeyHolder,
    };
}
