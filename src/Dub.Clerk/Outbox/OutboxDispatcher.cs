using Dub.Clerk.Diagnostics;
using Dub.Clerk.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Dub.Clerk.Outbox;

/// <summary>Does the work that its causer did not finish: the process died, or the store went away in between. Any number of hosts may run
/// it; a claim makes an item theirs for the length of a lease.</summary>
internal sealed partial class OutboxDispatcher(
    StoreConnection store, StoreSchema schema, IEnumerable<IOutboxHandler> handlers, TimeProvider time, ILogger<OutboxDispatcher> logger) : BackgroundService
{
    private const int BatchSize = 32;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>Shorter than the lease, so that nobody else has the item yet.</summary>
    private static readonly TimeSpan ItemTimeout = TimeSpan.FromSeconds(30);

    private static readonly StoreScript Claim = new("outbox-claim-2");

    private readonly Dictionary<string, IOutboxHandler> _handlers = handlers.ToDictionary(handler => handler.Kind, StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var failing = false;
        do
        {
            try
            {
                await schema.CheckAsync();
                await RunOnceAsync(stoppingToken);
                failing = false;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, it must not stop the app that this runs in.
                if (!failing)
                {
                    Log.RoundFailed(logger, e);
                }

                failing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Does everything that is due now. One partition that cannot be reached keeps none of the others waiting.</summary>
    /// <exception cref="StoreException">The store did not answer for some partition.</exception>
    internal Task RunOnceAsync(CancellationToken cancellationToken)
        => Task.WhenAll(Enumerable.Range(0, StoreKeys.Partitions).Select(partition => RunPartitionAsync(partition, cancellationToken)));

    private async Task RunPartitionAsync(int partition, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var due = await store.RunAsync(database => database.SortedSetLengthAsync(store.Keys.Outbox(partition), double.NegativeInfinity, now));
        for (var left = due; left > 0 && !cancellationToken.IsCancellationRequested; left -= BatchSize)
        {
            await RunBatchAsync(partition, cancellationToken);
        }
    }

    private async Task RunBatchAsync(int partition, CancellationToken cancellationToken)
    {
        var claimed = (RedisValue[])(await Claim.RunAsync(
            store,
            [store.Keys.Outbox(partition), store.Keys.OutboxItems(partition)],
            [time.GetUtcNow().ToUnixTimeMilliseconds(), (long)Lease.TotalMilliseconds, BatchSize]))!;

        for (var i = 0; i + 1 < claimed.Length; i += 2)
        {
            var item = OutboxItem.Parse((string)claimed[i]!);
            if (!_handlers.TryGetValue(item.Kind, out var handler))
            {
                // Written by a newer version: it stays for a host that knows it.
                Log.UnknownKind(logger, item.Kind);
                continue;
            }

            try
            {
                await handler.HandleAsync(item, claimed[i + 1], partition, cancellationToken).WaitAsync(ItemTimeout, time, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // One bad or slow item must not keep the others waiting; its lease brings it back.
                Log.ItemFailed(logger, e, item.Kind, item.Subject);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.OutboxRoundFailed, LogLevel.Error, "The outbox could not be worked on; what is in it waits and is done later.")]
        public static partial void RoundFailed(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.OutboxUnknownKind, LogLevel.Warning, "The outbox holds work of the kind {Kind}, which this version does not know; a newer host will do it.")]
        public static partial void UnknownKind(ILogger logger, string kind);

        [LoggerMessage(EventIds.OutboxItemFailed, LogLevel.Error, "Outbox work {Kind} for {Subject} failed and will be tried again.")]
        public static partial void ItemFailed(ILogger logger, Exception exception, string kind, string subject);
    }
}
