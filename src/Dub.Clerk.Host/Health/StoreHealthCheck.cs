using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Store;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dub.Clerk.Host.Health;

/// <summary>Ready means that a sign-up would be recorded: the store answers, holds a format we know, and can write.</summary>
internal sealed class StoreHealthCheck(StoreSchema schema, StoreConnection store, IServiceProvider services) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (services.GetService<EmbeddedStore>() is { IsHealthy: false } embedded)
        {
            return HealthCheckResult.Unhealthy(embedded.Health.Reason);
        }

        try
        {
            await schema.CheckAsync();
            await store.RunAsync(database => database.StringSetAsync(store.Keys.Probe, 1, TimeSpan.FromMinutes(1)));
            return HealthCheckResult.Healthy();
        }
        catch (StoreFormatException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
        catch (StoreException)
        {
            return HealthCheckResult.Unhealthy("The store does not answer, or takes no writes.");
        }
    }
}
