using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Store;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dub.Clerk.Host.Health;

/// <summary>Ready means that a sign-up would be recorded: the store answers, holds a format we know, and can write.</summary>
internal sealed class StoreHealthCheck(StoreSchema schema, StoreConnection store, IServiceProvider services, TimeProvider time, ILogger<StoreHealthCheck> logger)
    : StoreCheck(TimeSpan.FromSeconds(1), time, logger)
{
    protected override async Task<HealthCheckResult> LookAsync()
    {
        if (services.GetService<EmbeddedStore>() is { IsHealthy: false } embedded)
        {
            Tell(embedded.Health.Reason);
            return HealthCheckResult.Unhealthy("The embedded store takes no writes. The host's log says why.");
        }

        try
        {
            await schema.CheckAsync();
            await store.RunAsync(database => database.StringSetAsync(store.Keys.Probe, 1, TimeSpan.FromMinutes(1)));
            Tell(null);
            return HealthCheckResult.Healthy();
        }
        catch (StoreFormatException e)
        {
            Tell(e.Message);
            return HealthCheckResult.Unhealthy("What the store holds cannot be read by this version, or is half a copy. The host's log says more.");
        }
        catch (StoreException)
        {
            return HealthCheckResult.Unhealthy("The store does not answer, or takes no writes.");
        }
    }
}
