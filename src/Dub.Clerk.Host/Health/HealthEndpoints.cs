using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dub.Clerk.Host.Health;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can record a sign-up, and if not, which part cannot and why. A part that is
/// degraded needs somebody, and keeps no sign-up from being recorded: then the host stays ready.</summary>
internal static class HealthEndpoints
{
    public static void AddHealth(this IServiceCollection services, HostOptions options, bool isEmbedded)
    {
        var checks = services.AddHealthChecks().AddCheck<StoreHealthCheck>("store").AddCheck<StoreDurabilityCheck>("durability");
        services.AddSingleton<StoreHealthCheck>();
        services.AddSingleton<StoreDurabilityCheck>();
        if (isEmbedded)
        {
            checks.AddCheck<DiskCheck>("disk");
        }

        checks.AddCheck<DeliveriesCheck>("deliveries");
        if (options.Sessions)
        {
            checks.AddCheck<ClerkKeysCheck>("clerkKeys");
        }
    }

    public static void MapHealth(this WebApplication web)
    {
        web.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync });
        web.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync });
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var checks = new JsonObject();
        foreach (var (name, entry) in report.Entries)
        {
            checks[name] = new JsonObject { ["status"] = Text(entry.Status), ["reason"] = entry.Exception is null ? entry.Description : "It could not be checked. The host's log says why." };
        }

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject { ["status"] = Text(report.Status), ["checks"] = checks }.ToJsonString(), context.RequestAborted);
    }

    private static string Text(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
