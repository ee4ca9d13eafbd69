using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>A host whose links have been followed for months.</summary>
public sealed class CampaignHost : IAsyncLifetime
{
    internal HostFixture Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await HostFixture.StartAsync();
        await new Campaign(Host, new Random(11)).HappenAsync(4000, days: 60);
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>The pages on numbers as people see them; see <see cref="LookTests"/>.</summary>
[Collection(LookedAtDashboard.Name)]
public sealed class NumbersLookTests(DashboardFixture dashboard, CampaignHost campaign, ITestOutputHelper output) : IClassFixture<CampaignHost>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Numbers_FitTheScreenAndAreAccessible(bool phone)
    {
        var name = phone ? "phone" : "desktop";
        await using var reader = await dashboard.OpenAsync(string.Empty, phone, campaign.Host);
        foreach (var (path, page, sign) in (IEnumerable<(string, string, string)>)
            [
                (string.Empty, "overview-busy", ".card .figures"),
                ("/over-time?interval=30d", "over-time", ".charts"), ("/over-time?interval=24h&timezone=Europe/Berlin", "over-time-hours", ".charts"),
                ("/over-time?start=2024-01-01&end=2024-01-31", "over-time-none", ".empty"), ("/over-time?timezone=Nowhere/Land", "over-time-refused", ".notice"),
                ("/funnel?interval=90d", "funnel", ".losses"), ("/funnel?start=2024-01-01&end=2024-01-31", "funnel-none", ".empty"),
                ("/sign-ups/unknown-click?interval=90d", "sign-ups", ".pages"), ("/sign-ups/no-consent?interval=7d", "sign-ups-none", ".empty"),
                ("/sign-ups/what", "sign-ups-unknown", ".empty"),
            ])
        {
            await reader.OpenAsync(path);
            await reader.Page.Locator(sign).First.WaitForAsync();
            await LookTests.LookAsync(reader.Page, page, name, output);
        }

        await reader.OpenAsync("/over-time?interval=30d");
        await reader.Text("As a table").ClickAsync();
        await LookTests.LookAsync(reader.Page, "over-time-table", name, output);
        reader.AssertNothingWentWrong();
    }
}
