using Dub.Clerk.Authentication;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dub.Clerk.Host.Health;

/// <summary>Whether session tokens can be checked. Webhooks and short links do without, so the host stays ready.</summary>
internal sealed class ClerkKeysCheck(ClerkInstance clerk) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (clerk.Current.Keys is not { IsFailing: true } keys)
        {
            return Task.FromResult(HealthCheckResult.Healthy());
        }

        return Task.FromResult(HealthCheckResult.Degraded(keys.Current == SessionKeySet.None
            ? "Clerk's keys could not be fetched, so nobody is signed in. Check CLERK_PUBLISHABLE_KEY and the way to Clerk, or set CLERK_JWT_KEY."
            : "Clerk's keys could not be fetched anew. The last ones stay in force."));
    }
}
