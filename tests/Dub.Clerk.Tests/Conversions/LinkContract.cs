using Dub.Clerk.Conversions;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Conversions;

/// <summary>What links promise, whatever store they are on: no two have one name, and what a crash leaves behind stands in nobody's way.</summary>
public abstract class LinkContract(StoreKind kind, ITestOutputHelper output) : HostContract(kind)
{
    private LinkStore Links => Host.Get<LinkStore>();

    private LinkList List => Host.Get<LinkList>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Link_IsFoundByEverythingItIsCalled()
    {
        var link = NewLink("Launch") with { ExternalId = "my {id}/1" };
        Assert.Equal(LinkOutcome.Written, await Links.CreateAsync(link));

        Assert.Equal(link, await Links.FindByIdAsync(link.Id));
        Assert.Equal(link, await Links.FindAsync("go.example.com", "LAUNCH"));
        Assert.Equal(link, await Links.FindByExternalIdAsync("my {id}/1"));
        Assert.Equal(link, await Links.FindByTargetAsync(link.Url));
    }

    [Fact]
    public async Task ChangedLink_IsKnownAtOnceHereAndWithinTwoSecondsElsewhere()
    {
        await using var other = new TestHost(Store.Connection, Time);
        var (here, there) = (Host.Get<LinkCache>(), other.Get<LinkCache>());
        var link = NewLink("launch");
        await Links.CreateAsync(link);
        foreach (var cache in new[] { here, there })
        {
            Assert.Equal(link, await cache.FindAsync("go.example.com", "Launch"));
            Assert.Equal(link, await cache.FindByIdAsync(link.Id));
        }

        var (_, changed) = await Links.UpdateAsync(link.Id, before => before with { Url = "https://example.com/new" });
        Assert.Equal(changed, await here.FindAsync("go.example.com", "launch"));
        Assert.Equal(changed, await here.FindByIdAsync(link.Id));
        Time.Advance(LinkCache.Freshness - TimeSpan.FromMilliseconds(1));
        Assert.Equal(link, await there.FindAsync("go.example.com", "launch"));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(changed, await there.FindAsync("go.example.com", "launch"));
        Assert.Equal(changed, await there.FindByIdAsync(link.Id));

        // Another name: the one before leads nowhere.
        await Links.UpdateAsync(link.Id, before => before with { Key = "start" });
        Assert.Null(await here.FindAsync("go.example.com", "launch"));
        Assert.Equal(link.Id, (await here.FindAsync("go.example.com", "start"))?.Id);

        Assert.True(await Links.DeleteAsync(link.Id));
        Assert.Null(await here.FindAsync("go.example.com", "start"));
        Assert.Null(await here.FindByIdAsync(link.Id));
        Time.Advance(LinkCache.Freshness);
        Assert.Null(await there.FindAsync("go.example.com", "launch"));
        Assert.Null(await there.FindByIdAsync(link.Id));
    }

    [Fact]
    public async Task ManyCreateOneName_OneDoes()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Links.CreateAsync(NewLink("launch")))));

        Assert.Single(outcomes, LinkOutcome.Written);
        Assert.Equal(1, await List.CountAsync(new LinkQuery(), Cancellation));
        Assert.NotNull(await Links.FindAsync("go.example.com", "launch"));
    }

    [Fact]
    public async Task ExternalIdThatIsTaken_LeavesTheKeyFree()
    {
        await Links.CreateAsync(NewLink("one") with { ExternalId = "1" });

        Assert.Equal(LinkOutcome.ExternalIdTaken, await Links.CreateAsync(NewLink("two") with { ExternalId = "1" }));
        Assert.Equal(LinkOutcome.Written, await Links.CreateAsync(NewLink("two")));
    }

    [Fact]
    public async Task RenamedLink_FreesItsOldNames()
    {
        var link = NewLink("one") with { ExternalId = "1" };
        await Links.CreateAsync(link);

        var (outcome, renamed) = await Links.UpdateAsync(link.Id, before => before with { Key = "two", ExternalId = "2" });

        Assert.Equal((LinkOutcome.Written, "two"), (outcome, renamed!.Key));
        Assert.Null(await Links.FindAsync("go.example.com", "one"));
        Assert.Null(await Links.FindByExternalIdAsync("1"));
        Assert.Equal(renamed, await Links.FindAsync("go.example.com", "two"));
        Assert.Equal(LinkOutcome.Written, await Links.CreateAsync(NewLink("one") with { ExternalId = "1" }));
        Assert.Equal(LinkOutcome.KeyTaken, (await Links.UpdateAsync(link.Id, before => before with { Key = "ONE" })).Outcome);
        Assert.Equal(LinkOutcome.ExternalIdTaken, (await Links.UpdateAsync(link.Id, before => before with { Key = "three", ExternalId = "1" })).Outcome);
        Assert.Equal(LinkOutcome.Written, await Links.CreateAsync(NewLink("three")));
    }

    [Fact]
    public async Task DeletedLink_IsGoneFromEverywhere()
    {
        var link = NewLink("one") with { ExternalId = "1", TenantId = "t" };
        await Links.CreateAsync(link);

        Assert.True(await Links.DeleteAsync(link.Id));

        Assert.False(await Links.DeleteAsync(link.Id));
        Assert.Null(await Links.FindByTargetAsync(link.Url));
        Assert.Equal(0, await List.CountAsync(new LinkQuery { WithArchived = true }, Cancellation));
        Assert.Equal(LinkOutcome.NotFound, (await Links.UpdateAsync(link.Id, before => before)).Outcome);
        Assert.Equal(LinkOutcome.Written, await Links.CreateAsync(NewLink("one") with { ExternalId = "1" }));
    }

    [Fact]
    public async Task ClaimOfACreatorThatDied_IsTakenOverAndTheCreatorFailsIfItWasOnlySlow()
    {
        var store = Host.Get<StoreConnection>();
        var slow = NewLink("launch");
        await LinkClaim.OfName(store, slow.Name).TakeAsync(slow.Id);

        Assert.Equal(LinkOutcome.Written, await Links.CreateAsync(NewLink("launch")));

        Assert.Equal(LinkOutcome.KeyTaken, await Links.CreateAsync(slow with { Key = "other" }));
        Assert.Equal(LinkOutcome.Written, await Links.CreateAsync(NewLink("other")));
        Assert.Equal(2, await List.CountAsync(new LinkQuery(), Cancellation));
    }

    [Fact]
    public async Task ClaimOfARenamingThatDied_IsTakenOver()
    {
        var link = NewLink("one");
        await Links.CreateAsync(link);
        await LinkClaim.OfName(Host.Get<StoreConnection>(), Link.NameOf("go.example.com", "two")).TakeAsync(link.Id);

        Assert.Null(await Links.FindAsync("go.example.com", "two"));
        Assert.Equal(LinkOutcome.Written, await Links.CreateAsync(NewLink("two")));
        Assert.Equal(LinkOutcome.KeyTaken, (await Links.UpdateAsync(link.Id, before => before with { Key = "two" })).Outcome);
        Assert.Equal("one", (await Links.FindByIdAsync(link.Id))!.Key);
    }

    /// <summary>Everything at once on few names, by two hosts: whatever the order, what is found by name is what has the name.</summary>
    [Fact]
    public async Task AnythingAtOnce_LeavesEveryNameWithItsLink()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using var connection = await Store.ConnectAsync();
        await using var other = new TestHost(connection, Time);
        string[] names = ["a", "b", "c", "d", "e"];
        var made = new System.Collections.Concurrent.ConcurrentQueue<string>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            var random = new Random(seed + client);
            var links = (client % 2 == 0 ? Host : other).Get<LinkStore>();
            for (var i = 0; i < 60; i++)
            {
                var (key, externalId) = (names[random.Next(names.Length)], random.Next(3) == 0 ? null : names[random.Next(names.Length)]);
                var any = !made.IsEmpty ? made.ElementAt(random.Next(made.Count)) : "link_none";
                switch (random.Next(6))
                {
                    case 0 or 1:
                        var link = NewLink(key) with { ExternalId = externalId, TenantId = externalId };
                        if (await links.CreateAsync(link) == LinkOutcome.Written)
                        {
                            made.Enqueue(link.Id);
                        }

                        break;
                    case 2 or 3:
                        await links.UpdateAsync(any, before => before with { Key = key, ExternalId = externalId });
                        break;
                    case 4:
                        await links.UpdateAsync(any, before => before with { Archived = !before.Archived, TenantId = externalId });
                        break;
                    default:
                        await links.DeleteAsync(any);
                        break;
                }
            }
        })));

        var everything = new LinkQuery { WithArchived = true };
        var left = await List.ListAsync(everything, 0, 1000, Cancellation);
        Assert.Equal(left.Count, await List.CountAsync(everything, Cancellation));
        Assert.Distinct(left.Select(link => link.Name));
        Assert.Distinct(left.Select(link => link.ExternalId).OfType<string>());
        foreach (var link in left)
        {
            Assert.Equal(link, await Links.FindAsync(link.Domain, link.Key));
            Assert.True(link.ExternalId is null || link == await Links.FindByExternalIdAsync(link.ExternalId));
        }

        foreach (var name in names)
        {
            Assert.Equal(left.Count(link => link.TenantId == name), await List.CountAsync(everything with { TenantId = name }, Cancellation));
            Assert.Equal(left.SingleOrDefault(link => link.Key == name), await Links.FindAsync("go.example.com", name));
            if (!left.Any(link => link.Key == name))
            {
                Assert.Equal(LinkOutcome.Written, await Links.CreateAsync(NewLink(name)));
            }
        }
    }

    [Fact]
    public async Task List_IsNewestFirstInPagesAndByCursor()
    {
        var links = new List<Link>();
        for (var i = 0; i < 450; i++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(1));
            links.Insert(0, NewLink($"k{i}") with { Domain = i % 3 == 0 ? "a.example" : "b.example", TenantId = i % 5 == 0 ? "t" : null, Archived = i % 7 == 0 });
            await Links.CreateAsync(links[0]);
        }

        var live = links.Where(link => !link.Archived).ToList();
        await AssertListAsync(new LinkQuery(), live);
        await AssertListAsync(new LinkQuery { WithArchived = true }, links);
        await AssertListAsync(new LinkQuery { Domain = "a.example" }, live.Where(link => link.Domain == "a.example"));
        await AssertListAsync(new LinkQuery { TenantId = "t" }, live.Where(link => link.TenantId == "t"));
        await AssertListAsync(new LinkQuery { Domain = "a.example", TenantId = "t" }, live.Where(link => link.TenantId == "t" && link.Domain == "a.example"));
        await AssertListAsync(new LinkQuery { Search = "B.EXAMPLE/K4" }, live.Where(link => link.Name.StartsWith("b.example/k4", StringComparison.Ordinal)));
        Assert.Equal(
            [("b.example", live.Count(link => link.Domain == "b.example")), ("a.example", live.Count(link => link.Domain == "a.example"))],
            (await List.CountByDomainAsync(new LinkQuery(), Cancellation)).Select(domain => (domain.Domain, (int)domain.Count)));
    }

    [Fact]
    public async Task List_CanBeByClicks()
    {
        var links = Enumerable.Range(0, 5).Select(i => NewLink($"k{i}")).ToArray();
        foreach (var link in links)
        {
            await Links.CreateAsync(link);
        }

        foreach (var link in (Link[])[links[3], links[3], links[1]])
        {
            await Host.Clicks.RecordAsync(Click(link, Ids.NewEvent()));
        }

        var ranked = await List.ListByAsync(new LinkQuery(), counters => counters.Clicks, 0, 2, Cancellation);

        Assert.Equal([links[3], links[1]], ranked);
    }

    [Fact]
    public async Task VisitorWithinTheHour_IsOneClick()
    {
        var link = NewLink("launch");

        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            () => Host.Clicks.RecordOnceAsync(Click(link, ClickStore.NewId(link.Id, "visitor")), "visitor"))));
        var other = await Host.Clicks.RecordOnceAsync(Click(link, ClickStore.NewId(link.Id, "other")), "other");

        var id = Assert.Single(ids.Distinct());
        Assert.NotEqual(id, other);
        Assert.Equal(id, await Host.Clicks.FindVisitorAsync(link.Id, "visitor"));
        Assert.Equal(2, (await Links.CountAsync(link.Id)).Clicks);
        Assert.Equal(id, (await Host.Clicks.FindAsync(id))!.Id);
    }

    private async Task AssertListAsync(LinkQuery query, IEnumerable<Link> expected)
    {
        var all = expected.ToList();
        Assert.Equal(all.Count, await List.CountAsync(query, Cancellation));
        Assert.Equal(all.Skip(10).Take(20), await List.ListAsync(query, 10, 20, Cancellation));
        var cursor = all[all.Count / 2];
        Assert.Equal(all.Skip((all.Count / 2) + 1).Take(25), await List.ListNextToAsync(query, cursor.Id, newer: false, 25, Cancellation));
        Assert.Equal(
            all.Take(all.Count / 2).TakeLast(25), await List.ListNextToAsync(query, cursor.Id, newer: true, 25, Cancellation));
    }

    private Click Click(Link link, string id) => new()
    {
        Id = id,
        Timestamp = Time.GetUtcNow(),
        LinkId = link.Id,
        Domain = link.Domain,
        Key = link.Key,
        Url = link.Url,
    };

    private Link NewLink(string key) => new()
    {
        Id = Ids.NewRecord("link_", Time.GetUtcNow()),
        Domain = "go.example.com",
        Key = key,
        Url = "https://example.com/" + key,
        CreatedAt = Time.GetUtcNow(),
        UpdatedAt = Time.GetUtcNow(),
    };
}

/// <inheritdoc/>
public sealed class LinksOnGarnet(ITestOutputHelper output) : LinkContract(StoreKind.Garnet, output);

/// <inheritdoc/>
public sealed class LinksOnRedis(ITestOutputHelper output) : LinkContract(StoreKind.Redis, output);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class LinksOnCluster(ITestOutputHelper output) : LinkContract(StoreKind.Cluster, output);
