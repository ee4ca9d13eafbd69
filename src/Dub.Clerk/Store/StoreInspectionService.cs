using Dub.Clerk.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Store;

/// <summary>Says once, when the store first answers, what of it does not keep what it acknowledges.</summary>
/// <remarks>A warning and no refusal: in somebody's app sign-ups are a part beside others, and the app must start without it. The host, which is for nothing
/// else, refuses in Production.</remarks>
internal sealed partial class StoreInspectionService(StoreInspection inspection, TimeProvider time, ILogger<StoreInspectionService> logger) : BackgroundService
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var finding in await inspection.InspectAsync())
                {
                    Log.Found(logger, finding.Text);
                }

                return;
            }
            catch (StoreException)
            {
                await Task.Delay(RetryInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.StoreNotAsPromised, LogLevel.Warning, "{Finding}")]
        public static partial void Found(ILogger logger, string finding);
    }
}
