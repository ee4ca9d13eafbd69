using Dub.Clerk.Host.Dashboard.Access;
using Dub.Clerk.Host.Dashboard.Live;
using Dub.Clerk.Host.Dashboard.Numbers;
using Dub.Clerk.Host.Dashboard.Shell;
using Microsoft.AspNetCore.Components.Server;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>The dashboard at <c>/dashboard</c>: pages that live on the server and ask the services that the API asks.</summary>
internal static class DashboardApp
{
    public const string Root = "/dashboard";

    /// <summary>Where the browser keeps the connection of a page that is open.</summary>
    public const string Connection = "/_blazor";

    public static void AddDashboard(this IServiceCollection services)
    {
        services.AddDashboardAccess();
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddHttpClient(TestSignUp.HttpName);
        services.AddSingleton<OwnAddress>();
        services.AddSingleton<UserStories>();
        services.AddSingleton<NumbersReader>();
        services.AddSingleton<LinkTable>();
        services.AddSingleton<LinkEditor>();
        services.AddSingleton<SetupCheck>();
        services.AddSingleton<KeyCheck>();
        services.AddSingleton<TestSignUp>();
        services.AddSingleton<EventViews>();
        services.AddSingleton<EventPages>();
        services.AddSingleton<EventFeed>();
    }

    /// <summary>Before the endpoints, and after what signs Clerk's users in.</summary>
    public static void UseDashboard(this WebApplication web)
    {
        web.UseMiddleware<SecurityHeaders>();
        web.UseAuthentication();
        web.UseAuthorization();
        web.UseAntiforgery();
    }

    public static void MapDashboard(this WebApplication web)
    {
        web.MapStaticAssets(DashboardAssets.Manifest);
        web.MapDashboardAccess();
        web.MapEventsCsv();
        web.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(Configure)
            .WithStaticAssets(DashboardAssets.Manifest)
            .RequireAuthorization(DashboardAccess.Policy);
    }

    /// <summary>What may be framed by whom is said by <see cref="SecurityHeaders"/>.</summary>
    private static void Configure(ServerComponentsEndpointOptions options) => options.ContentSecurityFrameAncestorsPolicy = null;
}
