using System.Diagnostics;
using System.Globalization;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>Two hosts bring what waits to a Dub whose limit is their budget, on the real clock.</summary>
/// <param name="Calls">What it took.</param>
/// <param name="Leads">What Dub has.</param>
/// <param name="Elapsed">From the start of the hosts until nothing waited any more.</param>
/// <param name="Share">Of the calls that the budget allows in that time.</param>
/// <param name="Refusals">How often a host was told, by Dub or by the budget, to come later.</param>
internal sealed record DrainRun(int Calls, int Leads, TimeSpan Elapsed, double Share, int Refusals)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(5);

    /// <param name="leads">How many wait. Each takes two calls.</param>
    /// <param name="perMinute">The budget.</param>
    /// <param name="window">Over which Dub counts: it takes as many calls in any such window as the budget has for it.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public static async Task<DrainRun> RunAsync(int leads, int perMinute, TimeSpan window, CancellationToken cancellationToken)
    {
        await using var store = await TestStore.StartAsync(StoreKind.Garnet);
        await using var dub = await DubStandIn.StartAsync(
            new DubStandInOptions { Limit = (int)(perMinute * window.TotalMinutes), Window = window, EventsLimit = 1_000_000 }, cancellationToken);
        await using var watch = new OutboxWatch(store.Connection, TimeProvider.System);
        await using var first = new TestHost(store.Connection, TimeProvider.System, configure: Configure);
        await using var otherConnection = await store.ConnectAsync();
        await using var second = new TestHost(otherConnection, TimeProvider.System, configure: Configure);
        foreach (var click in dub.PlantClicks(leads))
        {
            await first.UserCreatedAsync("user_" + click, DateTimeOffset.UtcNow, click);
        }

        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(first.Outbox.StartAsync(cancellationToken), second.Outbox.StartAsync(cancellationToken));
        try
        {
            while (await watch.NextDueAsync() is not null)
            {
                await Task.Delay(LookAgain, cancellationToken);
            }
        }
        finally
        {
            await Task.WhenAll(first.Outbox.StopAsync(CancellationToken.None), second.Outbox.StopAsync(CancellationToken.None));
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        await Poll.UntilAsync(() => dub.IsIdle, "Dub has recorded what it acknowledged");
        return new DrainRun(
            dub.Calls.Total, dub.Leads.Count, elapsed, dub.Calls.Total / (elapsed.TotalMinutes * perMinute),
            first.Log.Entries.Concat(second.Log.Entries).Count(entry => entry.EventId == EventIds.OutboxClosed));

        void Configure(DubClerkOptions options)
        {
            options.DubApiKey = dub.ApiKey;
            options.DubApiUrl = dub.Address;
            options.DubRequestsPerMinute = perMinute;
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Leads} leads in {Calls} calls and {Elapsed.TotalSeconds:F1} s: {Share:P1} of the budget; told to come later {Refusals} times");
}
