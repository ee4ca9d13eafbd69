using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Outbox;

/// <summary>Which destinations somebody delivers to. Work is only written for those: whoever has the key for one says so in the store, so that an app
/// without it leaves the work to a host that has it.</summary>
internal sealed class OutboxDestinations(StoreConnection store, LiveOptions options, TimeProvider time)
{
    /// <summary>How long a destination counts as served after somebody last said so.</summary>
    private static readonly TimeSpan Served = TimeSpan.FromDays(30);

    private static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(5);

    private volatile Known _known = new(default, false, false);

    /// <summary>Whether this process has the key for it.</summary>
    public bool IsServedHere(OutboxDestination destination) => destination switch
    {
        OutboxDestination.Dub => options.Current.DubApiKey is not null,
        OutboxDestination.Clerk => options.Current.ClerkSecretKey is not null,
        _ => true,
    };

    /// <summary>Whether work for it is to be written.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async ValueTask<bool> IsServedAsync(OutboxDestination destination)
    {
        if (IsServedHere(destination))
        {
            return true;
        }

        var now = time.GetUtcNow();
        if (_known.At + CacheTime < now)
        {
            var said = await store.RunAsync(database => database.HashGetAsync(store.Keys.Destinations, [Name(OutboxDestination.Dub), Name(OutboxDestination.Clerk)], flags: CommandFlags.DemandMaster));
            _known = new Known(now, IsRecent(said[0], now), IsRecent(said[1], now));
        }

        return destination == OutboxDestination.Dub ? _known.Dub : _known.Clerk;
    }

    /// <summary>Says which this process serves.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task AnnounceAsync()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        HashEntry[] served = [.. new[] { OutboxDestination.Dub, OutboxDestination.Clerk }.Where(IsServedHere).Select(destination => new HashEntry(Name(destination), now))];
        if (served.Length > 0)
        {
            await store.RunAsync(async database =>
            {
                await database.HashSetAsync(store.Keys.Destinations, served);
                return true;
            });
        }
    }

    private static bool IsRecent(RedisValue said, DateTimeOffset now) => !said.IsNull && DateTimeOffset.FromUnixTimeMilliseconds((long)said) + Served > now;

    private static RedisValue Name(OutboxDestination destination) => destination == OutboxDestination.Dub ? "dub" : "clerk";

    private sealed record Known(DateTimeOffset At, bool Dub, bool Clerk);
}
