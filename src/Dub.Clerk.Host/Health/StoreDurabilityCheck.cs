using Dub.Clerk.Store;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dub.Clerk.Host.Health;

/// <summary>Ready means, in Production, that the store keeps what it acknowledges. Elsewhere, and where it is not known, it is said and no more.</summary>
internal sealed class StoreDurabilityCheck(StoreInspection inspection, IHostEnvironment environment, TimeProvider time) : IHealthCheck
{
    /// <summary>How long a finding is believed, so that whoever asks for our health often does not ask the store as often.</summary>
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(5);

    /// <summary>How long a start waits for a store that is away. It goes on then, and is not ready.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    private (DateTimeOffset At, HealthCheckResult Result)? _last;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        if (_last is { } last && now - last.At < Believed)
        {
            return last.Result;
        }

        var result = await LookAsync();
        _last = (now, result);
        return result;
    }

    /// <summary>Refuses a start in Production.</summary>
    /// <exception cref="HostSetupException">The store does not keep what it acknowledges.</exception>
    public async Task RefuseStartAsync(CancellationToken cancellationToken)
    {
        if (!environment.IsProduction())
        {
            return;
        }

        try
        {
            var findings = await inspection.InspectAsync().WaitAsync(StartPatience, cancellationToken);
            if (findings.Where(IsWrong).Select(finding => finding.Text).ToList() is { Count: > 0 } faults)
            {
                throw new HostSetupException(faults);
            }
        }
        catch (Exception e) when (e is StoreException or TimeoutException)
        {
            // Whether it is right is asked again by whoever asks whether we are ready.
        }
    }

    private async Task<HealthCheckResult> LookAsync()
    {
        try
        {
            var findings = await inspection.InspectAsync();
            var said = findings.Count == 0 ? null : string.Join(' ', findings.Select(finding => finding.Text));
            return environment.IsProduction() && findings.Any(IsWrong) ? HealthCheckResult.Unhealthy(said) : HealthCheckResult.Healthy(said);
        }
        catch (StoreException)
        {
            return HealthCheckResult.Unhealthy("The store does not answer.");
        }
    }

    private static bool IsWrong(StoreFinding finding) => finding.Kind == StoreFindingKind.Wrong;
}
