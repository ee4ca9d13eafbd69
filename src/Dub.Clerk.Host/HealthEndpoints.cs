using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dub.Clerk.Host;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can record a sign-up, and if not, which part cannot and why.</summary>
internal static class HealthEndpoints
{
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
            checks[name] = new JsonObject { ["status"] = Text(entry.Status), ["reason"] = entry.Description };
        }

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject { ["status"] = Text(report.Status), ["checks"] = checks }.ToJsonString(), context.RequestAborted);
    }

    private static string Text(HealthStatus status) => status == HealthStatus.Healthy ? "healthy" : "unhealthy";
}
