using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>Looks into the outbox of hosts that run elsewhere.</summary>
internal sealed class OutboxWatch : IAsyncDisposable
{
    private static readonly OutboxDestination[] Destinations = Enum.GetValues<OutboxDestination>();

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(25);

    /// <summary>So that what falls due together is one jump.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(500);

    private readonly ServiceProvider _services;
    private readonly OutboxStore _outbox;
    private readonly StoreConnection _store;

    public OutboxWatch(IConnectionMultiplexer connection, TimeProvider time)
    {
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddSingleton(time)
            .AddSingleton(connection)
            .AddDubClerk()
            .BuildServiceProvider();
        _outbox = _services.GetRequiredService<OutboxStore>();
        _store = _services.GetRequiredService<StoreConnection>();
    }

    /// <summary>Lets the clock run while somebody is at work, and jump to the next due time while nobody is.</summary>
    /// <returns>How many jumps it took.</returns>
    public async Task<int> EmptyAsync(SharedClock clock, CancellationToken cancellationToken)
    {
        for (var jumps = 0; ; await Task.Delay(LookAgain, cancellationToken))
        {
            try
            {
                if (await NextDueAsync() is not { } due)
                {
                    return jumps;
                }

                // What is not due cannot be claimed. So whatever is under way now was claimed before; and nothing new is, up to that time.
                var now = clock.GetUtcNow();
                if (due > now && !await IsAnythingClaimedAsync(now))
                {
                    clock.Jump(due - now + Together);
                    jumps++;
                }
            }
            catch (StoreException)
            {
                // It was killed, and comes back.
            }
        }
    }

    /// <summary>When the next lane falls due, one that is claimed at the end of its lease; null when nothing waits.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<DateTimeOffset?> NextDueAsync()
        => (await Task.WhenAll(Destinations.Select(_outbox.NextDueAsync))).SelectMany(partitions => partitions).Min();

    /// <summary>Whether a host is at work, or was killed while it was and its lease still holds.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> IsAnythingClaimedAsync(DateTimeOffset now)
    {
        var (first, last) = (now.ToUnixTimeMilliseconds(), (now + OutboxStore.Lease).ToUnixTimeMilliseconds());
        var claims = await _store.RunAsync(database => Task.WhenAll(
            from destination in Destinations
            from partition in Enumerable.Range(0, StoreKeys.Partitions)
            select HasClaimAsync(database, _store.Keys.Outbox(destination, partition), first, last)));
        return claims.Contains(true);
    }

    /// <summary>How much waits, and how much was given up, in all outboxes.</summary>
    public async Task<(long Waiting, long Dead)> MeasureAsync()
    {
        var depths = await Task.WhenAll(Destinations.Select(_outbox.MeasureAsync));
        return (depths.Sum(depth => depth.Waiting), depths.Sum(depth => depth.Dead));
    }

    /// <summary>What is left, for the person who reads that a test has failed.</summary>
    public async Task<string> DescribeAsync()
    {
        var entries = await Task.WhenAll(Destinations.SelectMany(destination => new[] { _outbox.ListAsync(destination, dead: false, 5), _outbox.ListAsync(destination, dead: true, 5) }));
        return string.Join('\n', entries.SelectMany(found => found).Select(entry => $"{entry.Destination} {entry.Item} {entry.State} due {entry.At:O}, {entry.Attempts} attempts: {entry.Error}"));
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static async Task<bool> HasClaimAsync(IDatabase database, OutboxKeys keys, long first, long last)
    {
        var lanes = await database.SortedSetRangeByScoreAsync(keys.Lanes, first, last);
        return lanes.Length > 0 && (await database.HashGetAsync(keys.Items, [.. lanes.Select(lane => (RedisValue)("claim|" + lane))])).Any(claim => !claim.IsNull);
    }
}
