using System.Diagnostics;
using System.Globalization;
using Dub.Clerk.Erasure;
using Dub.Clerk.Testing;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>The views stay quick however much has happened. In CI with as many events as can be written in seconds; with
/// <c>DUBCLERK_DASHBOARD_EVENTS=1000000</c> with a million on redis-server, which takes minutes to write.</summary>
[Collection(SharedDashboard.Name)]
public sealed class NumbersScaleTests(DashboardFixture dashboard, ITestOutputHelper output)
{
    private const string Variable = "DUBCLERK_DASHBOARD_EVENTS";
    private const int Default = 4000;

    [Fact]
    public async Task ManyEvents_AreShownByEveryView()
    {
        var asked = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : (int?)null;
        var events = asked ?? Default;
        await using var redis = asked is null ? null : await RedisServerFixture.StartAsync();
        await using var host = await HostFixture.StartAsync(
            redis is null ? null : new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = redis.ConfigurationOptions.ToString(includePassword: true) });
        var watch = Stopwatch.StartNew();
        await new Campaign(host, new Random(5)).HappenAsync(events, days: 80);
        Say("written");
        await using var reader = await dashboard.OpenAsync(string.Empty, host: host);
        await reader.Page.Locator(".card .figures").First.WaitForAsync();
        Say("summed up and the overview shown");

        foreach (var (path, sign) in (IEnumerable<(string, string)>)
            [
                (string.Empty, ".card .figures"), ("/over-time?interval=24h", ".charts"), ("/over-time?interval=90d&timezone=Europe/Berlin", ".charts"),
                ("/over-time?interval=all", ".charts"), ("/funnel?interval=90d", ".losses"), ("/funnel?interval=all", ".losses"),
                ("/sign-ups/no-click?interval=90d", ".pages"), ("/sign-ups/unknown-click?interval=90d", ".pages"), ("/links", "h1"), ("/deliveries", ".cards"),
                ("/users/user_campaign1", ".verdict"), ("/setup", ".steps"),
            ])
        {
            watch.Restart();
            await reader.OpenAsync(path);
            await reader.Page.Locator(sign).First.WaitForAsync();
            Say(path.Length == 0 ? "/" : path);
        }

        await reader.OpenAsync("/sign-ups/no-click?interval=90d");
        await reader.Button("Older").ClickAsync();
        await reader.Text("26–50 of").WaitForAsync();
        var (_, total) = await host.CallAsync(HttpMethod.Get, "/analytics?event=composite&interval=90d");
        await reader.OpenAsync("/over-time?interval=90d&timezone=UTC");
        await Assertions.Expect(reader.Page.Locator(".panel h2 b").First).ToHaveTextAsync(total.GetProperty("clicks").GetInt64().ToString("#,0", CultureInfo.InvariantCulture));
        reader.AssertNothingWentWrong();

        const string person = "user_one_of_many";
        using var traffic = new Traffic(host.Origin);
        await traffic.CreateLinkAsync("person");
        await traffic.LeadAsync(await traffic.FollowAsync("person"), person);
        watch.Restart();
        Assert.Equal(200, (await host.CallAsync(HttpMethod.Get, "/personal-data/" + person)).Status);
        Say("all that is held of a person");
        watch.Restart();
        Assert.Equal(202, (await host.CallAsync(HttpMethod.Delete, "/personal-data/" + person)).Status);
        Say("their erasure taken");
        await Poll.UntilAsync(() => host.Get<ErasureService>().IsDoneAsync(person), "the person is erased");
        Say("made");

        void Say(string what) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{events:#,0} events: {what}: {watch.ElapsedMilliseconds:#,0} ms"));
    }
}
