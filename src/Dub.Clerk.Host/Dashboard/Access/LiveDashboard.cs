using Dub.Clerk.Host.Secrets;

namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>Who may look, as of now.</summary>
internal sealed class LiveDashboard(IConfiguration configuration, HostOptions host, ILogger<LiveDashboard> logger)
    : LiveSettings<DashboardOptions>(configuration, DashboardOptions.Read, dashboard => [.. dashboard.Faults(host.Sessions)], logger);
