using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Api;

/// <summary>What a new link is that does not say. Set by configuration, until somebody changes it on the dashboard: that is kept in the store, for all
/// hosts and further starts.</summary>
internal sealed class LinkDefaults(StoreConnection store, HostOptions options)
{
    private const string TrackConversion = "track-conversion";

    /// <summary>Whether it hands its clicks on.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> TrackConversionAsync()
    {
        var set = await store.RunAsync(database => database.HashGetAsync(store.Keys.LinkDefaults, TrackConversion, flags: CommandFlags.DemandMaster));
        return set.IsNull ? options.TrackConversionByDefault : set == "1";
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task SetTrackConversionAsync(bool value)
        => store.WriteAsync("HSET", store.Keys.LinkDefaults, TrackConversion, value ? "1" : "0");
}
