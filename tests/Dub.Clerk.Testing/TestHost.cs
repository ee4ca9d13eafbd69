using Dub.Clerk.Clerk;
using Dub.Clerk.Conversions;
using Dub.Clerk.Outbox;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Testing;

/// <summary>The library's services as one host has them, on a real store, with a clock that the test moves. Several may share a store.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider _services;
    private readonly TimeProvider _time;

    public TestHost(IConnectionMultiplexer connection, TimeProvider time, string keyPrefix = "dub", Action<DubClerkOptions>? configure = null, IErasureListener? listener = null)
    {
        _time = time;
        var services = new ServiceCollection();
        if (listener is not null)
        {
            services.AddSingleton(listener);
        }

        _services = services
            .AddLogging(logging => logging.AddProvider(Log).SetMinimumLevel(LogLevel.Debug))
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddSingleton(time)
            .AddSingleton(connection)
            .AddDubClerk(options =>
            {
                options.KeyPrefix = keyPrefix;
                configure?.Invoke(options);
            })
            .BuildServiceProvider(validateScopes: true);
    }

    /// <summary>The clock, where it is the test's to move.</summary>
    public FakeTimeProvider Time => (FakeTimeProvider)_time;

    public TestLog Log { get; } = new();

    public SignUpJoin SignUps => Get<SignUpJoin>();

    public ConversionTracker Conversions => Get<ConversionTracker>();

    public ClickStore Clicks => Get<ClickStore>();

    public EventLog Events => Get<EventLog>();

    public EventPlanter Planter => new(Get<StoreConnection>(), Events);

    public OutboxDispatcher Outbox => _services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<OutboxDispatcher>().Single();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Records a click as the short link would.</summary>
    public async Task<Click> ClickAsync(DateTimeOffset? at = null, string? id = null, bool fromDub = false)
    {
        var click = new Click
        {
            Id = id ?? Ids.NewEvent(),
            Timestamp = at ?? Time.GetUtcNow(),
            LinkId = "link_1",
            Domain = "go.example.com",
            Key = "launch",
            Url = "https://example.com/",
            FromDub = fromDub,
        };
        await Clicks.RecordAsync(click);
        return click;
    }

    /// <summary>Clerk's half of a sign-up.</summary>
    public Task<SignUpStatus> UserCreatedAsync(string userId, DateTimeOffset? createdAt = null, string? metadataClickId = null)
        => SignUps.UserCreatedAsync(
            new ClerkAccount
            {
                UserId = userId,
                CreatedAt = createdAt ?? Time.GetUtcNow(),
                MetadataClickId = metadataClickId,
                FirstName = "Ada",
                LastName = "Byron",
                Email = "ada@example.org",
            },
            CancellationToken.None);

    /// <summary>The browser's half of a sign-up.</summary>
    public Task<SignUpStatus> ClickSeenAsync(string userId, string clickId, string? earlierClickId = null)
        => SeeAsync(new Sighting(userId, clickId, earlierClickId));

    /// <summary>A request of the user carried no click, and why.</summary>
    public Task<SignUpStatus> NoClickSeenAsync(string userId, NoLeadReason note) => SeeAsync(new Sighting(userId, note));

    public Task<SignUpStatus?> SignUpAsync(string userId) => SignUps.FindAsync(userId);

    public async Task<IReadOnlyList<LeadEvent>> LeadsAsync(int take = 100_000)
        => await Events.ReadAsync(EventKind.Leads, Time.GetUtcNow().AddDays(-1), Time.GetUtcNow().AddDays(1)).Select(one => one.Lead!).Take(take).ToListAsync();

    private async Task<SignUpStatus> SeeAsync(Sighting sighting)
        => await SignUps.DecideAsync(sighting.UserId, await SignUps.WriteSightingAsync(sighting), CancellationToken.None);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
