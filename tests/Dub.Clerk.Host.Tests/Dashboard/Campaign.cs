using Dub.Clerk.Clerk;
using Dub.Clerk.Conversions;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>Events as a site has them, written by the host's own services: quicker than by request, and the same in the store.</summary>
internal sealed class Campaign(HostFixture host, Random random)
{
    /// <summary>Of a hundred events so many are leads, sales and sign-ups; the rest are clicks.</summary>
    private const int Leads = 6;
    private const int Sales = 3;
    private const int SignUps = 8;

    /// <summary>How many are under way at a time.</summary>
    private const int Batch = 1000;

    private readonly EventPlanter _planter = new(host.Get<StoreConnection>(), host.Get<EventLog>());
    private int _users;

    /// <summary>So many events of the last days, in the order of time: more of late, and more by day than by night.</summary>
    public async Task HappenAsync(int events, int days)
    {
        var now = DateTimeOffset.UtcNow;
        DateTimeOffset TimeOf(double share)
        {
            var at = now - (TimeSpan.FromDays(days) * (1 - Math.Sqrt(share)));
            return at.Hour < 6 && random.Next(4) > 0 ? at - TimeSpan.FromHours(9) : at;
        }

        for (var done = 0; done < events; done += Batch)
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(Batch, events - done)).Select(at => HappenAsync(TimeOf((done + at) / (double)events))));
        }
    }

    public Task ClickAsync(DateTimeOffset at) => host.Get<EventLog>().RecordClickAsync(AnyClick(at));

    public Task LeadAsync(DateTimeOffset at) => _planter.PlantAsync(
        new LeadEvent { Id = Ids.NewEvent(), EventName = "Sign Up", Timestamp = at, CustomerExternalId = NewUser(), Click = AnyClick(at.AddMinutes(-5)) });

    public Task SaleAsync(DateTimeOffset at) => _planter.PlantAsync(new SaleEvent
    {
        Id = Ids.NewEvent(),
        EventName = "Purchase",
        Timestamp = at,
        CustomerExternalId = NewUser(),
        Click = AnyClick(at.AddHours(-1)),
        Amount = random.Next(100, 20_000),
        Currency = "usd",
        PaymentProcessor = "custom",
        IsConversion = true,
    });

    /// <summary>An account without a click, or with one that does not count.</summary>
    public Task SignUpAsync(DateTimeOffset at) => random.Next(10) switch
    {
        0 => host.Get<SignUpJoin>().WriteSightingAsync(new Sighting(NewUser(), Ids.NewEvent())),
        1 => CreateUserAsync(at, "no click id"),
        2 or 3 => CreateUserAsync(at, "AAAAAAAAAAAAAAAA"),
        _ => CreateUserAsync(at, null),
    };

    private Task CreateUserAsync(DateTimeOffset at, string? metadata) => host.Get<SignUpJoin>().UserCreatedAsync(
        new ClerkAccount { UserId = NewUser(), CreatedAt = at, MetadataClickId = metadata, FirstName = "Grace", LastName = "Hopper" }, CancellationToken.None);

    private Task HappenAsync(DateTimeOffset at) => random.Next(100) switch
    {
        < Leads => LeadAsync(at),
        < Leads + Sales => SaleAsync(at),
        < Leads + Sales + SignUps => SignUpAsync(at),
        _ => ClickAsync(at),
    };

    private string NewUser() => $"user_campaign{_users++}";

    private Click AnyClick(DateTimeOffset at)
    {
        var link = random.Next(20);
        return new Click
        {
            Id = Ids.NewEvent(),
            Timestamp = at,
            LinkId = $"link_{link}",
            Domain = "go.example.com",
            Key = $"k{link}",
            Url = $"https://example.com/p{link}?utm_source=s{link % 3}",
            Country = $"C{random.Next(40)}",
            Browser = $"B{random.Next(8)}",
            Device = "Desktop",
        };
    }
}
