using Dub.Clerk.Host.Dashboard.Access;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>An open page of live events after something between it and the events was away: all of them are there, once.</summary>
[Collection(SharedDashboard.Name)]
public sealed class CatchUpTests(DashboardFixture dashboard)
{
    [Fact]
    public async Task ConnectionOfTheBrowser_IsLostAndMadeAgain()
    {
        await using var host = await HostFixture.StartAsync();
        await using var wire = new CutWire(host.Origin);
        using var traffic = new Traffic(host.Origin);
        await traffic.CreateLinkAsync("cut");
        await traffic.FollowAsync("cut");
        await using var reader = await dashboard.NewReaderAsync(origin: wire.Origin);
        await reader.Page.GotoAsync($"{new Uri(wire.Origin, DashboardAccess.SignInPath)}#code={host.Get<OneTimeCodes>().Create()}");
        await reader.ReadyAsync();
        await reader.OpenAsync("/events");
        await SeesAsync(reader, traffic, 1);
        await reader.Page.EvaluateAsync("() => { window.isSamePage = true; }");

        wire.Cut();
        await reader.Text("The connection to the host is lost").WaitForAsync();
        for (var i = 0; i < 30; i++)
        {
            await traffic.FollowAsync("cut");
        }

        wire.Mend();
        await SeesAsync(reader, traffic, 31);
        await traffic.FollowAsync("cut");
        await SeesAsync(reader, traffic, 32);
        Assert.True(await reader.Page.EvaluateAsync<bool>("() => window.isSamePage === true"));
    }

    [Fact]
    public async Task Store_IsAwayAndComesBack()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var redis = await RedisServerFixture.StartAsync();
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = redis.ConfigurationOptions.ToString() });
        using var traffic = new Traffic(host.Origin);
        await traffic.CreateLinkAsync("away");
        await traffic.FollowAsync("away");
        await using var reader = await dashboard.OpenAsync("/events", host: host);
        await SeesAsync(reader, traffic, 1);

        redis.Kill();
        await reader.Text("The store does not answer").WaitForAsync();
        await redis.RestartAsync();
        await Poll.UntilAsync(async () => (await host.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode, "the host has its store again");
        await traffic.FollowAsync("away");

        await SeesAsync(reader, traffic, 2);
        await reader.Text("The store does not answer").WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Detached });
        await traffic.FollowAsync("away");
        await SeesAsync(reader, traffic, 3);
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Host_IsKilledUnderAnOpenPageAndStartedAgain()
    {
        using var clerk = new ClerkStandIn();
        var folder = Directory.CreateTempSubdirectory("dub-dashboard-");
        try
        {
            var settings = new Dictionary<string, string?>
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
                ["DUBCLERK_API_KEY"] = HostFixture.ApiKey,
                ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.WebhookSecret,
                ["DUBCLERK_DATA_DIR"] = folder.FullName,
                ["DubClerk__RedirectPatience"] = "00:00:30",
            };
            var before = await HostProcess.ServeAsync(settings);

            // A port that a browser keeps calling may be taken by one of its calls while nobody listens there.
            await using var wire = new CutWire(before.Address);
            using var traffic = new Traffic(wire.Origin);
            await using var reader = await dashboard.NewReaderAsync(origin: wire.Origin);
            await using (before)
            {
                await traffic.CreateLinkAsync("killed");
                await traffic.FollowAsync("killed");
                await reader.SignInAsync();
                await reader.OpenAsync("/events?link=127.0.0.1/killed");
                await SeesAsync(reader, traffic, 1);
                before.Kill();
            }

            await reader.Text("The connection to the host is lost").WaitForAsync();
            await using var after = await HostProcess.ServeAsync(settings);
            wire.To = after.Address;
            await traffic.FollowAsync("killed");

            await SeesAsync(reader, traffic, 2);
            await traffic.FollowAsync("killed");
            await SeesAsync(reader, traffic, 3);
            Assert.EndsWith("/dashboard/events?link=127.0.0.1/killed", reader.Page.Url, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task SeesAsync(Reader reader, Traffic traffic, int count)
    {
        await Microsoft.Playwright.Assertions.Expect(reader.Page.Locator(".events tbody tr")).ToHaveCountAsync(count, new() { Timeout = Example.Visitor.Patience });
        Assert.Equal(await traffic.EventsAsync(), await reader.EventsAsync());
    }
}
