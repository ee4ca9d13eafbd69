using Dub.Clerk.Store;
using Microsoft.Extensions.Hosting;

namespace Dub.Clerk.Analytics;

/// <summary>Sums up now and then, so that a queue is never long when somebody asks. Any number of processes may.</summary>
internal sealed class RollupService(Rollup rollup, StoreSchema schema, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await schema.CheckAsync();
                    await rollup.FoldAsync(stoppingToken);
                }
                catch (StoreException)
                {
                    // The queues wait. The dispatcher, which looks as often, says that the store is away.
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is queued is summed up by the next who looks.
        }
    }
}
