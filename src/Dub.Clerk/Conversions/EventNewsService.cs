using Dub.Clerk.Store;
using Microsoft.Extensions.Hosting;

namespace Dub.Clerk.Conversions;

/// <summary>Tells of new events: the first at once, then a few times a second at most, however many there are.</summary>
internal sealed class EventNewsService(EventNews news, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Where the store is away.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await news.WaitAsync(stoppingToken);
                var wait = Interval;
                try
                {
                    await news.PublishAsync();
                }
                catch (StoreException)
                {
                    // Whoever listens looks by itself now and then.
                    wait = RetryInterval;
                }

                await Task.Delay(wait, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is how this ends.
        }
    }
}
