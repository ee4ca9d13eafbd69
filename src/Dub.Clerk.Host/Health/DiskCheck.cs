using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dub.Clerk.Host.Health;

/// <summary>Whether the disk of the embedded store is about to be full. When it is full, the store itself says so.</summary>
internal sealed class DiskCheck(HostOptions options) : IHealthCheck
{
    /// <summary>Room for the log to grow until its checkpoint, for the checkpoint beside it, and for somebody to act.</summary>
    private const long Low = 256L << 20;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var free = new DriveInfo(options.DataDirectory).AvailableFreeSpace;
        return Task.FromResult(free >= Low ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded($"The disk of the data folder has {free >> 20} MiB left."));
    }
}
