using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dub.Clerk.Host.Health;

/// <summary>Whether anything is sent to Dub and Clerk. If not, sign-ups are recorded all the same, so the host stays ready.</summary>
internal sealed class DeliveriesCheck(DestinationGates gates) : IHealthCheck
{
    private static readonly OutboxDestination[] Services = [OutboxDestination.Dub, OutboxDestination.Clerk];

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var closed = string.Join(' ', Services.Select(destination => gates[destination].Reason).OfType<string>().Select(WithoutWhatTheServiceSaid));
        return Task.FromResult(closed.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(closed));
    }

    /// <summary>Anybody may ask for our health. What the service answered is in <c>/outbox</c>, for whoever has the API key.</summary>
    private static string WithoutWhatTheServiceSaid(string reason)
        => reason.IndexOf(" (", StringComparison.Ordinal) is > 0 and var at ? reason[..at] + "." : reason;
}
