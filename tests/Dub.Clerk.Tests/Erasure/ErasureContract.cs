using Dub.Clerk.Analytics;
using Dub.Clerk.Clerk;
using Dub.Clerk.Conversions;
using Dub.Clerk.Erasure;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Outbox;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Erasure;

/// <summary>Who is erased leaves counts, and nothing that says who it was, whatever store it is on.</summary>
public abstract class ErasureContract(StoreKind kind, ITestOutputHelper output) : StageContract(kind)
{
    private const string User = "user_2MarkedUserWhoIsErased";
    private const string Email = "marked.address@example.org";
    private const string Name = "Markéd Nameson";
    private const string Avatar = "https://img.example.com/marked-avatar.png";
    private static readonly string[] Marks = [User, Email, "Markéd", "Nameson", "marked-avatar", "marked-metadata", "marked-invoice", "marked-alias"];

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(10);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestHost Host => Stage.Host;

    private ErasureService Erasures => Host.Get<ErasureService>();

    [Fact]
    public async Task SignUpWithAllThatFollowsFromIt_IsGoneHereAndAtDub()
    {
        await SignUpAndBuyAsync();
        await Stage.RunUntilEmptyAsync(TimeSpan.FromDays(2));
        Assert.NotEmpty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
        Assert.Contains(Stage.Dub.Customers, customer => customer.ExternalId == User);
        var before = await CountAsync();

        await EraseAsync(User);

        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
        Assert.DoesNotContain(Stage.Dub.Customers, customer => customer.ExternalId == User);
        Assert.Equal(before, await CountAsync());
        Assert.Null(await Host.SignUpAsync(User));
    }

    [Fact]
    public async Task WhatWaitsToBeDeliveredAndWhatWasGivenUp_IsGone()
    {
        Stage.Dub.Faults.Script("/track/lead", FaultKind.Unauthorized);
        await SignUpAndBuyAsync(fromDub: true);
        var item = new OutboxItem(OutboxItem.MetadataKind, User);
        await Host.Get<OutboxStore>().AddAsync(OutboxDestination.Clerk, User, item, MetadataDelivery.Create("AAAAAAAAAAAAAAAA"));
        var claim = await ClaimAsync(OutboxDestination.Clerk, User);
        Assert.True(await Host.Get<OutboxStore>().SettleAsync(claim, OutboxVerdict.Dead("It will never do.")));

        await EraseAsync(User);

        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
    }

    [Fact]
    public async Task WorkUnderWay_CannotBeSettledAndBringsNobodyBack()
    {
        await Stage.SignUpAsync(User);
        var proof = await ClaimAsync(OutboxDestination.Dub, User);

        await EraseAsync(User);

        Assert.False(await Host.Get<OutboxStore>().SettleAsync(proof, OutboxVerdict.Done("{\"customer\":\"user_2MarkedUserWhoIsErased\"}"u8.ToArray())));
        await Host.SignUps.ProvedAsync(User, new Click { Id = "AAAAAAAAAAAAAAAA", Timestamp = Stage.Time.GetUtcNow(), LinkId = "link_1", Domain = "d", Key = "k", Url = string.Empty, FromDub = true }, Cancellation);
        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
    }

    [Fact]
    public async Task LateRetriesTokensAndCalls_BringNobodyBack()
    {
        await EraseAsync(User);
        var click = await Host.ClickAsync(fromDub: true);

        await CreatedAsync();
        await CreatedAsync(click.Id);
        await UpdatedAsync(Stage.Time.GetUtcNow());
        await Host.ClickSeenAsync(User, click.Id);
        await Host.NoClickSeenAsync(User, NoLeadReason.NoConsent);
        var lead = await TrackAsync(click.Id);
        var deferred = await Host.Get<IConversions>().TrackLeadAsync(new Lead { CustomerExternalId = User, EventName = "Trial", ClickId = click.Id, IsDeferred = true }, Cancellation);
        var unknown = await TrackAsync(Stage.Dub.PlantClicks(1)[0]);
        await Stage.RunUntilEmptyAsync(Soon);

        Assert.Equal(
            (ConversionOutcome.ErasedCustomer, ConversionOutcome.ErasedCustomer, ConversionOutcome.ErasedCustomer), (lead.Outcome, deferred.Outcome, unknown.Outcome));
        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
        Assert.Empty(await Host.LeadsAsync());
        Assert.Empty(Stage.Dub.Customers);
    }

    [Fact]
    public async Task CustomerWithOtherNames_IsErasedUnderEachOfThem()
    {
        var click = await Host.ClickAsync(fromDub: true);
        var id = (await TrackAsync(click.Id)).Customer!.Id;
        await Host.Get<CustomerStore>().UpdateAsync(id, customer => customer with { ExternalId = "marked-alias-1" });
        await Host.Get<CustomerStore>().UpdateAsync(id, customer => customer with { ExternalId = "marked-alias-2" });

        await EraseAsync("marked-alias-1");

        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
        foreach (var name in new[] { User, "marked-alias-1", "marked-alias-2" })
        {
            Assert.Equal(ConversionOutcome.ErasedCustomer, (await TrackAsync(click.Id, name)).Outcome);
        }
    }

    [Fact]
    public async Task CustomerWhoWasDeletedBefore_IsErasedWithLedgerAndEvents()
    {
        var click = await Host.ClickAsync(fromDub: true);
        var id = (await TrackAsync(click.Id)).Customer!.Id;
        await Host.Get<CustomerStore>().DeleteAsync(id);
        Assert.NotEmpty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));

        await EraseAsync(User);

        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
    }

    [Fact]
    public async Task CustomerWhoIsOnlyAtDub_IsDeletedThere()
    {
        await SignUpAndBuyAsync(fromDub: true);
        await Stage.RunUntilEmptyAsync(TimeSpan.FromDays(2));
        await Host.Get<CustomerStore>().DeleteAsync((await Host.Get<CustomerStore>().FindAsync(User))!.Id);
        Assert.Contains(Stage.Dub.Customers, customer => customer.ExternalId == User);

        await EraseAsync(User);

        Assert.DoesNotContain(Stage.Dub.Customers, customer => customer.ExternalId == User);
    }

    [Fact]
    public async Task WorkThatWasGivenUpAndQueuedAgain_IsNoDeadLetterAnyMore()
    {
        var outbox = Host.Get<OutboxStore>();
        var item = new OutboxItem(OutboxItem.MetadataKind, User);
        await GiveUpAndQueueAgainAsync();
        Assert.True(await outbox.SettleAsync(await ClaimAsync(OutboxDestination.Clerk, User), OutboxVerdict.Done()));
        Assert.Equal((0, 0), await DepthAsync());

        // Dropped while it waits again, it is done all the same.
        await GiveUpAndQueueAgainAsync();
        Assert.True(await outbox.DropAsync(OutboxDestination.Clerk, StoreKeys.PartitionOf(User), item, default));
        Assert.Equal((1, 0), await DepthAsync());
        Assert.NotEqual(0, (await ClaimAsync(OutboxDestination.Clerk, User)).State.Length);

        await GiveUpAndQueueAgainAsync();
        await EraseAsync(User);
        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));

        async Task GiveUpAndQueueAgainAsync()
        {
            await outbox.AddAsync(OutboxDestination.Clerk, User, item, MetadataDelivery.Create("AAAAAAAAAAAAAAAA"));
            Stage.Time.Advance(OutboxStore.Lease);
            Assert.True(await outbox.SettleAsync(await ClaimAsync(OutboxDestination.Clerk, User), OutboxVerdict.Dead("It will never do.")));
            await outbox.AddAsync(OutboxDestination.Clerk, User, item, MetadataDelivery.Create("AAAAAAAAAAAAAAAA"));
        }

        async Task<(long Waiting, long Dead)> DepthAsync() => await outbox.MeasureAsync(OutboxDestination.Clerk) is var depth ? (depth.Waiting, depth.Dead) : default;
    }

    [Fact]
    public async Task WorkForSomebodyErased_IsNotAdded()
    {
        await EraseAsync(User);

        await Host.Get<OutboxStore>().AddAsync(OutboxDestination.Clerk, User, new OutboxItem(OutboxItem.MetadataKind, User), MetadataDelivery.Create("AAAAAAAAAAAAAAAA"));

        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
    }

    [Fact]
    public async Task SignUpOfACustomerWithAnotherName_IsErasedAndExportedWithIt()
    {
        await SignUpAndBuyAsync();
        await Host.Get<CustomerStore>().UpdateAsync((await Host.Get<CustomerStore>().FindAsync(User))!.Id, customer => customer with { ExternalId = "marked-alias-1" });

        var exported = await Host.Get<PersonalData>().FindAsync("marked-alias-1", Cancellation);
        Assert.Equal(Email, (string?)exported!["signUps"]![0]!["email"]);

        await EraseAsync("marked-alias-1");
        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
    }

    [Fact]
    public async Task InvoiceOfSomebodyErased_IsNoSecondSale()
    {
        await SignUpAndBuyAsync();
        await EraseAsync(User);
        var click = await Host.ClickAsync(fromDub: true);
        await TrackAsync(click.Id, "somebody-else");

        var again = await BuyAsync("somebody-else");

        Assert.Equal(ConversionOutcome.Duplicate, again.Outcome);
        Assert.Equal((1, 4200), ((await CountAsync()).Sales, (await CountAsync()).SaleAmount));
    }

    [Fact]
    public async Task ErasedAgain_AndSignedUpAnewUnderAnotherId_IsALead()
    {
        await SignUpAndBuyAsync();
        await EraseAsync(User);
        await EraseAsync(User);
        var click = await Host.ClickAsync();

        var anew = await Host.UserCreatedAsync("user_anew", metadataClickId: click.Id);

        Assert.Equal(SignUpState.Tracked, anew.State);
    }

    [Fact]
    public async Task ErasureThatDiesInTheMiddle_IsMadeByAnother()
    {
        await SignUpAndBuyAsync();
        await Erasures.BeginAsync(User);
        var claim = await ClaimAsync(OutboxDestination.Local, User);
        await Host.Get<OutboxStore>().KeepAsync(claim, new ErasureState { Names = [User], Clicks = [], Leads = [.. await Host.Conversions.ListLeadIdsAsync(User)] }.ToJson());
        await Host.Get<CustomerStore>().DeleteAsync((await Host.Get<CustomerStore>().FindAsync(User))!.Id);

        Stage.Time.Advance(OutboxStore.Lease + TimeSpan.FromSeconds(1));
        await Stage.RunUntilEmptyAsync(Soon);

        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
    }

    [Fact]
    public async Task NameThatIsFoundLater_IsErasedWithItsLeadsAndSignUps()
    {
        const string later = "marked-alias-1";
        var click = await Host.ClickAsync(fromDub: true);
        await Host.ClickSeenAsync(later, click.Id);
        var id = (await TrackAsync(click.Id, later)).Customer!.Id;
        await Host.Get<CustomerStore>().UpdateAsync(id, customer => customer with { ExternalId = User });
        await Erasures.BeginAsync(User);

        // It was looked up when the customer did not have the name yet.
        await Host.Get<OutboxStore>().KeepAsync(await ClaimAsync(OutboxDestination.Local, User), new ErasureState { Names = [User], Clicks = [], Leads = [] }.ToJson());
        Stage.Time.Advance(OutboxStore.Lease + TimeSpan.FromSeconds(1));
        await Stage.RunUntilEmptyAsync(Soon);

        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
    }

    [Fact]
    public async Task ErasureBesideEverythingElseOfTheSameUser_LeavesNothing()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var clicks = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Host.ClickAsync(fromDub: true)));
        Func<Task>[] doings =
        [
            () => CreatedAsync(), () => CreatedAsync(clicks[0].Id), () => UpdatedAsync(Stage.Time.GetUtcNow().AddSeconds(1)), () => Host.ClickSeenAsync(User, clicks[1].Id),
            () => TrackAsync(clicks[2].Id), () => BuyAsync(User), () => BuyAsync(User, "marked-invoice-2"), () => Host.NoClickSeenAsync(User, NoLeadReason.InvalidClickId),
            async () =>
            {
                if (await Host.Get<CustomerStore>().FindAsync(User) is { } customer)
                {
                    await Host.Get<CustomerStore>().UpdateAsync(customer.Id, before => before with { ExternalId = "marked-alias-" + clicks[3].Id, Email = Email });
                }
            },
        ];
        var all = Enumerable.Range(0, 20).SelectMany(_ => doings).ToArray();
        random.Shuffle(all);

        await Task.WhenAll([.. all.Select((doing, at) => Task.Run(doing)), Task.Run(() => Erasures.BeginAsync(User), Cancellation)]);
        await Stage.RunUntilEmptyAsync(TimeSpan.FromDays(3));

        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));
    }

    [Fact]
    public async Task Listener_LearnsWhenTheStoreHasNothingAnyMore()
    {
        await SignUpAndBuyAsync();
        var listener = new Listener(() => StoreScan.FindAsync(Stage.Store.Connection, Email, Name));
        await using var host = Stage.AddHost(listener: listener);
        await host.Get<ErasureService>().BeginAsync(User);

        await Stage.RunAsync(host);

        Assert.Equal([0], listener.Found);
        Assert.True(await Erasures.IsDoneAsync(User));

        // What is to be done at Dub names the person until it is done.
        Stage.Time.Advance(OutboxStore.Lease);
        await Stage.RunAsync(host);
        Assert.Equal([0, 0], listener.Found);
    }

    [Fact]
    public async Task ProfileThatChanges_IsKeptForSignUpAndCustomerInAnyOrder()
    {
        var (created, later, latest) = (Stage.Time.GetUtcNow(), Stage.Time.GetUtcNow().AddMinutes(1), Stage.Time.GetUtcNow().AddMinutes(2));
        var click = await Host.ClickAsync();
        await UpdatedAsync(later, "early@example.org", created);
        await CreatedAsync(click.Id);
        await AssertProfileAsync("early@example.org");

        await UpdatedAsync(latest, "latest@example.org", created);
        await UpdatedAsync(later, "stale@example.org", created);
        await CreatedAsync(click.Id);

        await AssertProfileAsync("latest@example.org");
        Assert.Equal((0, 1), (await CountCustomersAsync("early@example.org"), await CountCustomersAsync("latest@example.org")));
    }

    [Fact]
    public async Task ProfileThatIsOlderThanTheCustomers_ChangesNothing()
    {
        var (created, later, latest) = (Stage.Time.GetUtcNow(), Stage.Time.GetUtcNow().AddMinutes(1), Stage.Time.GetUtcNow().AddMinutes(2));
        var click = await Host.ClickAsync();
        await CreatedAsync();
        await UpdatedAsync(latest, "latest@example.org", created);
        await Host.ClickSeenAsync(User, click.Id);

        await UpdatedAsync(later, "stale@example.org", created);

        await AssertProfileAsync("latest@example.org");
    }

    [Fact]
    public async Task ProfileThatChangesWhileTheSignUpIsDecided_IsTheCustomers()
    {
        var (created, later) = (Stage.Time.GetUtcNow(), Stage.Time.GetUtcNow().AddMinutes(1));
        var click = await Host.ClickAsync();
        await using var slow = Stage.AddHost(options => options.OnLead = async (_, _) => await UpdatedAsync(later, "later@example.org", created));

        await slow.SignUps.UserCreatedAsync(Account(created, Email, click.Id), Cancellation);

        await AssertProfileAsync("later@example.org");
    }

    [Fact]
    public async Task ProfileOfSomebodyUnknown_IsKeptForTwoDaysWhereTheAccountIsNewAndElseNotAtAll()
    {
        await UpdatedAsync(Stage.Time.GetUtcNow(), created: Stage.Time.GetUtcNow().AddDays(-3));
        Assert.Empty(await StoreScan.FindAsync(Stage.Store.Connection, Marks));

        await UpdatedAsync(Stage.Time.GetUtcNow());

        Assert.Null(await Host.SignUpAsync(User));
        var left = await Stage.Store.Connection.GetDatabase().KeyTimeToLiveAsync(Host.Get<StoreConnection>().Keys.SignUp(User));
        Assert.InRange(left!.Value, TimeSpan.FromHours(47), TimeSpan.FromDays(2));
    }

    private async Task SignUpAndBuyAsync(bool fromDub = false)
    {
        var click = fromDub ? (await Host.ClickAsync(id: Stage.Dub.PlantClicks(1)[0], fromDub: true)).Id : Stage.Dub.PlantClicks(1)[0];
        Stage.Clerk.Users.Create(User, Stage.Time.GetUtcNow());
        await CreatedAsync(click);
        if (!fromDub)
        {
            await Stage.RunUntilEmptyAsync(Soon);
        }

        await Host.ClickSeenAsync(User, click);
        await TrackAsync(click, quantity: 3);
        Assert.Equal(ConversionOutcome.Recorded, (await BuyAsync(User)).Outcome);
    }

    private Task<LeadResult> TrackAsync(string click, string customer = User, int quantity = 1) => Host.Get<IConversions>().TrackLeadAsync(
        new Lead
        {
            CustomerExternalId = customer,
            EventName = "Trial",
            ClickId = click,
            Quantity = quantity,
            CustomerName = customer == User ? Name : null,
            CustomerEmail = customer == User ? Email : null,
            CustomerAvatar = customer == User ? Avatar : null,
            Metadata = customer == User ? System.Text.Json.JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["note"] = "marked-metadata" }) : null,
        },
        Cancellation);

    private Task<SaleResult> BuyAsync(string customer, string invoice = "marked-invoice-1") => Host.Get<IConversions>().TrackSaleAsync(
        new Sale
        {
            CustomerExternalId = customer,
            Amount = 4200,
            Currency = "usd",
            PaymentProcessor = "stripe",
            InvoiceId = invoice,
            Metadata = System.Text.Json.JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["note"] = "marked-metadata" }),
        },
        Cancellation);

    private Task CreatedAsync(string? click = null) => Host.SignUps.UserCreatedAsync(Account(Stage.Time.GetUtcNow(), Email, click), Cancellation);

    private Task UpdatedAsync(DateTimeOffset at, string email = Email, DateTimeOffset? created = null)
        => Host.Get<AccountUpdates>().UpdateAsync(Account(created ?? Stage.Time.GetUtcNow(), email, null) with { UpdatedAt = at });

    private static ClerkAccount Account(DateTimeOffset created, string email, string? click) => new()
    {
        UserId = User,
        CreatedAt = created,
        MetadataClickId = click,
        FirstName = "Markéd",
        LastName = "Nameson",
        Email = email,
        Avatar = Avatar,
    };

    private async Task EraseAsync(string externalId)
    {
        await Erasures.BeginAsync(externalId);
        await Stage.RunUntilEmptyAsync(Soon);
        Assert.True(await Erasures.IsDoneAsync(externalId));
    }

    private async Task<OutboxClaim> ClaimAsync(OutboxDestination destination, string user)
        => await Host.Get<OutboxStore>().ClaimAsync(destination, StoreKeys.PartitionOf(user)) ?? throw new InvalidOperationException("Nothing is due.");

    private async Task AssertProfileAsync(string email)
    {
        Assert.Equal(email, (await Host.SignUps.ReadRecordAsync(User))!.Email);
        Assert.Equal(email, (await Host.Get<CustomerStore>().FindAsync(User))!.Email);
    }

    private Task<long> CountCustomersAsync(string email) => Host.Get<CustomerList>().CountAsync(new CustomerQuery { Email = email }, Cancellation);

    private Task<Totals> CountAsync()
    {
        var now = Stage.Time.GetUtcNow();
        return Host.Get<AnalyticsService>().CountAsync(
            new Period(now.AddDays(-10), now.AddDays(1), Granularity.Day, TimeZoneInfo.Utc), [EventKind.Clicks, EventKind.Leads, EventKind.Sales], EventFilter.None, Cancellation);
    }

    private sealed class Listener(Func<Task<IReadOnlyList<string>>> look) : IErasureListener
    {
        public List<int> Found { get; } = [];

        public async Task ErasedAsync(CancellationToken cancellationToken) => Found.Add((await look()).Count);
    }
}

/// <summary>On the embedded store.</summary>
public sealed class ErasureOnGarnet(ITestOutputHelper output) : ErasureContract(StoreKind.Garnet, output);

/// <summary>On a real redis-server.</summary>
public sealed class ErasureOnRedis(ITestOutputHelper output) : ErasureContract(StoreKind.Redis, output);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class ErasureOnCluster(ITestOutputHelper output) : ErasureContract(StoreKind.Cluster, output);
