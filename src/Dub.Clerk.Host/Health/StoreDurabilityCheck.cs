using Dub.Clerk.Store;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dub.Clerk.Host.Health;

/// <summary>Ready means, in Production, that the store keeps what it acknowledges. Elsewhere, and where it is not known, it is said and no more.</summary>
internal sealed class StoreDurabilityCheck(StoreInspection inspection, IHostEnvironment environment, TimeProvider time, ILogger<StoreDurabilityCheck> logger)
    : StoreCheck(TimeSpan.FromSeconds(5), time, logger)
{
    /// <summary>How long a start waits for a store that is away. It goes on then, and is not ready.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

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

    protected override async Task<HealthCheckResult> LookAsync()
    {
        try
        {
            var findings = await inspection.InspectAsync();
            Tell(findings.Count == 0 ? null : string.Join(' ', findings.Select(finding => finding.Text)));
            var said = findings.Count == 0 ? null : Say(findings.Min(finding => finding.Kind));
            return environment.IsProduction() && findings.Any(IsWrong) ? HealthCheckResult.Unhealthy(said) : HealthCheckResult.Healthy(said);
        }
        catch (StoreException)
        {
            return HealthCheckResult.Unhealthy("The store does not answer.");
        }
    }

    /// <summary>Of the worst there is.</summary>
    private static string Say(StoreFindingKind kind) => kind switch
    {
        StoreFindingKind.Wrong => "The store does not keep all that it acknowledged. The host's log and doctor say what to set.",
        StoreFindingKind.Weak => "A power cut takes the last second of what the store acknowledged. The host's log and doctor say what to set.",
        _ => "The store does not say whether it keeps what it acknowledged. The host's log and doctor say what to look at.",
    };

    private static bool IsWrong(StoreFinding finding) => finding.Kind == StoreFindingKind.Wrong;
}
