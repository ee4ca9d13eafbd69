using System.Diagnostics;
using Dub.Clerk.Host.Dashboard.Live;
using Dub.Clerk.Testing;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>The page of live events in a real browser, while things happen.</summary>
[Collection(SharedDashboard.Name)]
public sealed class LiveEventsTests(DashboardFixture dashboard, ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_AppearWhileALoadRuns()
    {
        await using var host = await HostFixture.StartAsync();
        using var traffic = new Traffic(host.Origin);
        await traffic.CreateLinkAsync("busy");
        await traffic.CreateLinkAsync("watched");
        await using var all = await dashboard.OpenAsync("/events", host: host);
        await all.Text("Nothing has happened yet").WaitForAsync();
        await using var one = await dashboard.OpenAsync("/events?link=127.0.0.1/watched", host: host);
        await one.Text("No event matches").WaitForAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var followed = 0;
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await traffic.FollowAsync("busy");
                Interlocked.Increment(ref followed);
            }
        })));
        var started = Stopwatch.GetTimestamp();

        var waits = new List<TimeSpan>();
        for (var i = 1; i <= 15; i++)
        {
            await traffic.FollowAsync("watched");
            var happened = Stopwatch.GetTimestamp();
            await one.Page.WaitForFunctionAsync("count => document.querySelectorAll('.events tbody tr').length === count", i);
            waits.Add(Stopwatch.GetElapsedTime(happened));
        }

        await all.Text("have come and gone by").WaitForAsync();
        await enough.CancelAsync();
        await load;
        waits.Sort();
        output.WriteLine($"Beside {followed / Stopwatch.GetElapsedTime(started).TotalSeconds:F0} clicks a second an event was on the page after {waits[waits.Count / 2].TotalMilliseconds:F0} ms (median), {waits[^1].TotalMilliseconds:F0} ms at most.");

        Assert.Equal(await traffic.EventsAsync("&domain=127.0.0.1&key=watched"), await one.EventsAsync());
        await Poll.UntilAsync(async () => (await all.EventsAsync()).SequenceEqual((await traffic.EventsAsync()).Take(LiveList.LiveRows)), "the page shows the newest");
        all.AssertNothingWentWrong();
        one.AssertNothingWentWrong();
    }

    [Fact]
    public async Task WhatOneHostRecords_IsShownOnAnother()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var redis = await RedisServerFixture.StartAsync();
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = redis.ConfigurationOptions.ToString() };
        await using var here = await HostFixture.StartAsync(settings);
        await using var there = await HostFixture.StartAsync(settings);
        using var traffic = new Traffic(there.Origin);
        await traffic.CreateLinkAsync("elsewhere");
        await using var reader = await dashboard.OpenAsync("/events", host: here);
        await reader.Text("Nothing has happened yet").WaitForAsync();

        await traffic.LeadAsync(await traffic.FollowAsync("elsewhere"), "user_elsewhere");
        await traffic.SaleAsync("user_elsewhere", 4900);

        await RowsAsync(reader, 3);
        Assert.Equal(await traffic.EventsAsync(), await reader.EventsAsync());
        await reader.Text("$49.00").WaitForAsync();
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Filters_ShowWhatTheApiAnswersAndStayInTheAddress()
    {
        await using var host = await HostFixture.StartAsync();
        using var traffic = new Traffic(host.Origin);
        var link = await traffic.CreateLinkAsync("one");
        await traffic.CreateLinkAsync("two");
        await traffic.LeadAsync(await traffic.FollowAsync("one"), "user_one", "Ada Lovelace", "ada@example.org");
        await traffic.LeadAsync(await traffic.FollowAsync("two"), "user_two");
        await traffic.SaleAsync("user_one", 1000);
        await traffic.FollowAsync("one");
        await using var reader = await dashboard.OpenAsync("/events", host: host);
        await RowsAsync(reader, 6);
        Assert.Equal(await traffic.EventsAsync(), await reader.EventsAsync());

        await reader.Page.GetByLabel("Show", new() { Exact = true }).SelectOptionAsync("Leads");
        await RowsAsync(reader, 2);
        await reader.Page.GetByLabel("Link", new() { Exact = true }).FillAsync($"http://127.0.0.1:{host.Origin.Port}/one");
        await reader.Page.Keyboard.PressAsync("Enter");
        await RowsAsync(reader, 1);
        await reader.Page.GetByLabel("Show", new() { Exact = true }).SelectOptionAsync(string.Empty);
        await RowsAsync(reader, 4);
        Assert.Equal(await traffic.EventsAsync("&linkId=" + link), await reader.EventsAsync());
        await reader.Page.ReloadAsync();
        await RowsAsync(reader, 4);
        await reader.Page.GetByRole(AriaRole.Link, new() { Name = "Clear" }).ClickAsync();
        await RowsAsync(reader, 6);

        await reader.Page.GetByLabel("User", new() { Exact = true }).FillAsync("user_one");
        await reader.Page.Keyboard.PressAsync("Enter");
        await RowsAsync(reader, 3);
        await traffic.SaleAsync("user_two", 1000);
        await traffic.SaleAsync("user_one", 2000);
        await RowsAsync(reader, 4);

        Assert.DoesNotContain("ada@example.org", await reader.Page.ContentAsync(), StringComparison.Ordinal);
        await reader.Button("Show the name and e-mail address of user_one").First.ClickAsync();
        await reader.Text("Ada Lovelace · ada@example.org").WaitForAsync();
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task UserWhoIsUnknown_IsShownOnceThereIsSomething()
    {
        await using var host = await HostFixture.StartAsync();
        using var traffic = new Traffic(host.Origin);
        await traffic.CreateLinkAsync("later");
        await using var reader = await dashboard.OpenAsync("/events?user=user_later", host: host);
        await reader.Text("Nothing is recorded of user_later").WaitForAsync();

        await traffic.LeadAsync(await traffic.FollowAsync("later"), "user_later");

        await RowsAsync(reader, 2);
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task WhatComesWhilePaused_WaitsAndIsCounted()
    {
        await using var host = await HostFixture.StartAsync();
        using var traffic = new Traffic(host.Origin);
        await traffic.CreateLinkAsync("paused");
        await traffic.FollowAsync("paused");
        await using var reader = await dashboard.OpenAsync("/events", host: host);
        await RowsAsync(reader, 1);

        await reader.Page.Keyboard.PressAsync("p");
        await reader.Text("Paused.").WaitForAsync();
        await traffic.FollowAsync("paused");
        await traffic.FollowAsync("paused");
        await reader.Text("2 waiting").WaitForAsync();
        Assert.Single(await reader.EventsAsync());
        await reader.Page.Keyboard.PressAsync("p");

        await RowsAsync(reader, 3);
        Assert.Equal(await traffic.EventsAsync(), await reader.EventsAsync());
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task OlderEvents_AreLoadedWhileNewOnesCome()
    {
        await using var host = await HostFixture.StartAsync();
        using var traffic = new Traffic(host.Origin);
        await traffic.CreateLinkAsync("long");
        await Task.WhenAll(Enumerable.Range(0, 130).Select(_ => traffic.FollowAsync("long")));
        await using var reader = await dashboard.OpenAsync("/events", host: host);
        await RowsAsync(reader, LiveList.PageSize);

        await reader.Button("Show older ones").ClickAsync();
        await RowsAsync(reader, 2 * LiveList.PageSize);
        await traffic.FollowAsync("long");
        await RowsAsync(reader, (2 * LiveList.PageSize) + 1);
        await reader.Button("Show older ones").ClickAsync();

        await RowsAsync(reader, 131);
        Assert.Equal(await traffic.EventsAsync(), await reader.EventsAsync());
        await Assertions.Expect(reader.Button("Show older ones")).ToHaveCountAsync(0);
        reader.AssertNothingWentWrong();
    }

    private static Task RowsAsync(Reader reader, int count) => Assertions.Expect(reader.Page.Locator(".events tbody tr")).ToHaveCountAsync(count, new() { Timeout = Example.Visitor.Patience });
}
