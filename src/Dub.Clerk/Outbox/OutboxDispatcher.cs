using Dub.Clerk.Diagnostics;
using Dub.Clerk.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Outbox;

/// <summary>Does the work that is durable but not yet done, as long as the app runs. Any number of hosts may, on one store and without a leader: a claim
/// makes an item theirs for the length of a lease. Work for a service is done by whoever has its key.</summary>
internal sealed partial class OutboxDispatcher : BackgroundService
{
    /// <summary>How long attempts that are under way may go on after the host is told to stop.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AnnounceInterval = TimeSpan.FromHours(1);

    /// <summary>How soon a key that has come while the app runs is told of, and an announcement that failed is made again.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<OutboxDestination, OutboxPump> _pumps;
    private readonly OutboxSignal _signal;
    private readonly OutboxDestinations _destinations;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public OutboxDispatcher(
        OutboxStore outbox, StoreSchema schema, IEnumerable<IOutboxHandler> handlers, DestinationGates gates, OutboxSignal signal,
        OutboxDestinations destinations, LiveOptions options, DubClerkMetrics metrics, TimeProvider time, ILogger<OutboxDispatcher> logger)
    {
        var byKind = handlers.ToDictionary(handler => handler.Kind, StringComparer.Ordinal);
        _pumps = Enum.GetValues<OutboxDestination>().ToDictionary(
            destination => destination,
            destination => new OutboxPump(
                destination, () => destinations.IsServedHere(destination), Workers(destination, options.Current), outbox, schema, byKind, gates[destination],
                metrics, time, logger));
        (_signal, _destinations, _time, _logger) = (signal, destinations, time, logger);
    }

    /// <summary>Does everything that is due now.</summary>
    /// <exception cref="StoreException">The store did not answer for some partition.</exception>
    internal Task RunOnceAsync(CancellationToken cancellationToken) => Task.WhenAll(_pumps.Values.Select(pump => pump.DrainAsync(cancellationToken)));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopped = new CancellationTokenSource();
        await using var stop = stoppingToken.Register(() => stopped.CancelAfter(StopGrace));
        _signal.Raised += Signal;
        try
        {
            await Task.WhenAll(_pumps.Values.Select(pump => pump.RunAsync(stoppingToken, stopped.Token)).Append(AnnounceAsync(stoppingToken)));
        }
        finally
        {
            _signal.Raised -= Signal;
        }
    }

    /// <summary>Enough calls at a time that the pace is set by the budget and not by how long one takes.</summary>
    private static int Workers(OutboxDestination destination, DubClerkOptions options)
        => destination == OutboxDestination.Dub ? Math.Clamp(options.DubRequestsPerMinute / 60, 4, 64) : 16;

    private void Signal(OutboxDestination destination, int partition) => _pumps[destination].Signal(partition);

    private async Task AnnounceAsync(CancellationToken stopping)
    {
        OutboxDestination[] announced = [];
        var again = DateTimeOffset.MinValue;
        while (!stopping.IsCancellationRequested)
        {
            OutboxDestination[] served = [.. _pumps.Keys.Where(_destinations.IsServedHere)];
            if (_time.GetUtcNow() >= again || !served.SequenceEqual(announced))
            {
                try
                {
                    await _destinations.AnnounceAsync();
                    (announced, again) = (served, _time.GetUtcNow() + AnnounceInterval);
                }
                catch (StoreException e)
                {
                    Log.NotAnnounced(_logger, e);
                }
            }

            await Task.Delay(LookInterval, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.OutboxNotAnnounced, LogLevel.Debug, "The store could not be told what is delivered to; that is tried again.")]
        public static partial void NotAnnounced(ILogger logger, Exception exception);
    }
}
