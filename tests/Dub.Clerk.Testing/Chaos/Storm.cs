using System.Globalization;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>A Dub and a Clerk that fail in every way that trying again gets over, from one seed.</summary>
internal sealed class Storm : IAsyncDisposable
{
    private Storm(DubStandIn dub, ClerkServer clerk) => (Dub, Clerk) = (dub, clerk);

    public DubStandIn Dub { get; }

    public ClerkServer Clerk { get; }

    /// <param name="seed">Decides which calls fail.</param>
    /// <param name="time">The clock of both.</param>
    /// <param name="patience">How long, in real time, Dub holds a call that it never answers, and takes for one that drips.</param>
    /// <param name="share">The share of calls that fail.</param>
    public static async Task<Storm> StartAsync(int seed, TimeProvider time, TimeSpan patience, double share = 0.3)
    {
        var dub = await DubStandIn.StartAsync(new DubStandInOptions
        {
            Time = time,
            Seed = seed,
            // Limits are the subject of other tests.
            Limit = 1_000_000,
            EventsLimit = 1_000_000,
            RecordingDelay = TimeSpan.FromSeconds(1),
            IngestionLag = TimeSpan.FromSeconds(20),
            HoldAtMost = patience,
        });
        var clerk = await ClerkServer.StartAsync(new ClerkServerOptions { Instance = TestClerk.Instance, Time = time });
        dub.Faults.SetStorm(share);
        clerk.Faults.Randomly(share, new Random(seed), [.. Enum.GetValues<ClerkFault>().Where(fault => fault != ClerkFault.None)]);
        return new Storm(dub, clerk);
    }

    /// <summary>What has gone wrong so far.</summary>
    public string Describe()
    {
        var injected = string.Join(", ", Dub.Faults.Injected.OrderBy(pair => pair.Key).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value}")));
        var answers = string.Join(", ", Clerk.Calls.All.GroupBy(call => call.Status).OrderBy(group => group.Key).Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} {group.Count()}")));
        return string.Create(CultureInfo.InvariantCulture, $"Dub: {Dub.Calls.Total} calls, {Dub.Faults.Injected.Values.Sum()} failed ({injected})\nClerk: {Clerk.Calls.All.Count} calls by status, 0 for none ({answers})");
    }

    public async ValueTask DisposeAsync()
    {
        await Dub.DisposeAsync();
        await Clerk.DisposeAsync();
    }
}
