using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Testing;

/// <summary>A store, a Dub and a Clerk that can fail, and hosts that deliver to them, all on one clock that the test moves.</summary>
internal sealed class DeliveryStage : IAsyncDisposable
{
    private readonly List<TestHost> _hosts = [];

    private DeliveryStage(TestStore store, FakeTimeProvider time, DubStandIn dub, ClerkServer clerk)
    {
        (Store, Time, Dub, Clerk) = (store, time, dub, clerk);
        Host = AddHost();
    }

    public TestStore Store { get; }

    public FakeTimeProvider Time { get; }

    public DubStandIn Dub { get; }

    public ClerkServer Clerk { get; }

    /// <summary>The first of the hosts.</summary>
    public TestHost Host { get; }

    public static async Task<DeliveryStage> StartAsync(StoreKind kind, Action<DubStandInOptions>? configureDub = null)
    {
        var time = new FakeTimeProvider(TestHost.Start);
        // The stand-in's own limit is far away; a test of limits sets its own.
        var options = new DubStandInOptions { Time = time, Limit = 1_000_000, EventsLimit = 1_000_000 };
        configureDub?.Invoke(options);
        return new DeliveryStage(await TestStore.StartAsync(kind), time, await DubStandIn.StartAsync(options), await ClerkServer.StartAsync(new ClerkServerOptions { Instance = TestClerk.Instance, Time = time }));
    }

    /// <summary>One more host on the same store.</summary>
    public TestHost AddHost(Action<DubClerkOptions>? configure = null, IErasureListener? listener = null)
    {
        var host = new TestHost(Store.Connection, Time, listener: listener, configure: options =>
        {
            options.DubApiKey = Dub.ApiKey;
            options.DubApiUrl = Dub.Address;
            options.DubRequestsPerMinute = 100_000;
            options.ClerkSecretKey = Clerk.SecretKey;
            options.ClerkApiUrl = Clerk.Address;
            options.ClerkRequestsPerMinute = 6000;
            configure?.Invoke(options);
        });
        _hosts.Add(host);
        return host;
    }

    /// <summary>Somebody clicks on a link of Dub's and signs up; the click is in the account's metadata.</summary>
    /// <returns>The click.</returns>
    public async Task<string> SignUpAsync(string userId, string? clickId = null)
    {
        clickId ??= Dub.PlantClicks(1)[0];
        Clerk.Users.Create(userId, Time.GetUtcNow(), publicMetadata: new() { ["plan"] = "pro" });
        await Host.UserCreatedAsync(userId, metadataClickId: clickId);
        return clickId;
    }

    /// <summary>Does what is due, while the clock goes on. Then Dub has recorded what it acknowledged, unless it is slow at that on purpose.</summary>
    public async Task RunAsync(TestHost? host = null, TimeSpan? step = null)
    {
        await WhileRunningAsync((host ?? Host).Outbox.RunOnceAsync(CancellationToken.None), step);
        if (Dub.Options is { RecordingDelay.Ticks: 0, Webhook: null })
        {
            await Poll.UntilAsync(() => Dub.IsIdle, "Dub has recorded what it acknowledged");
        }
    }

    /// <summary>Lets the clock go on until something is over.</summary>
    public async Task WhileRunningAsync(Task running, TimeSpan? step = null)
    {
        while (!running.IsCompleted)
        {
            Time.Advance(step ?? TimeSpan.FromMilliseconds(1));
            await Task.WhenAny(running, Task.Delay(1));
        }

        await running;
    }

    /// <summary>Goes from due time to due time until nothing waits any more.</summary>
    /// <param name="atMost">How far the clock may go.</param>
    /// <param name="step">How fast it goes while calls are made.</param>
    /// <returns>How far it went.</returns>
    public async Task<TimeSpan> RunUntilEmptyAsync(TimeSpan atMost, TimeSpan? step = null)
    {
        var started = Time.GetUtcNow();
        while (await NextDueAsync() is { } due)
        {
            if (due - started > atMost)
            {
                var waiting = await Task.WhenAll(Enum.GetValues<OutboxDestination>().Select(destination => Host.Get<OutboxStore>().ListAsync(destination, dead: false, take: 5)));
                throw new TimeoutException(
                    $"Work is still waiting after {atMost}: the next is due at {due:O}. " + string.Join("; ", waiting.SelectMany(entries => entries).Select(entry => $"{entry.Item} {entry.Attempts} {entry.Error}")));
            }

            await GoToNextDueAsync();
            await RunAsync(step: step);

            // Where a destination is closed its work stays due: time alone opens it.
            Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        return Time.GetUtcNow() - started;
    }

    /// <summary>Puts the clock to when the next work is due, if that is not now.</summary>
    /// <returns>Whether any work waits.</returns>
    public async Task<bool> GoToNextDueAsync()
    {
        var due = await NextDueAsync();
        if (due > Time.GetUtcNow())
        {
            Time.SetUtcNow(due.Value);
        }

        return due is not null;
    }

    public async Task<DateTimeOffset?> NextDueAsync()
    {
        var outbox = Host.Get<OutboxStore>();
        var due = await Task.WhenAll(Enum.GetValues<OutboxDestination>().Select(outbox.NextDueAsync));
        return due.SelectMany(partitions => partitions).Min();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        await Dub.DisposeAsync();
        await Clerk.DisposeAsync();
        await Store.DisposeAsync();
    }
}
