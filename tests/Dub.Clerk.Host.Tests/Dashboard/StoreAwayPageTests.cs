using Dub.Clerk.SignUps;
using Dub.Clerk.Testing;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>What pages say of a store that does not answer, and go on saying.</summary>
[Collection(SharedDashboard.Name)]
public sealed class StoreAwayPageTests(DashboardFixture dashboard) : IAsyncLifetime
{
    private const string Away = "The store does not answer";
    private const string NotDone = "not seen to be done";

    private RedisNode _redis = null!;
    private HostFixture _host = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        _redis = await RedisNode.StartAsync();
        _host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = _redis.ImpatientConnection });
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    [Fact]
    public async Task ActionThatWasNotDone_IsStillSaidWhenTheListIsReadAgain()
    {
        await dashboard.GiveUpAsync("user_first", host: _host);
        await using var reader = await dashboard.OpenAsync("/deliveries", host: _host);
        await reader.Button("Try again").WaitForAsync();

        _redis.Pause();
        await reader.Button("Try again").ClickAsync();
        await reader.Text(NotDone).WaitForAsync();
        await ResumeAsync();
        await dashboard.GiveUpAsync("user_second", host: _host);

        await reader.Text("user_second").WaitForAsync();
        Assert.True(await reader.Text(NotDone).IsVisibleAsync());
        await reader.Button("Try again").First.ClickAsync();
        await reader.Text("It is being tried.").WaitForAsync();
        Assert.Equal(0, await reader.Text(Away).CountAsync());
    }

    [Fact]
    public async Task SwitchThatWasMovedInVain_ShowsWhatHolds()
    {
        await _host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"held","trackConversion":true}""");
        await using var reader = await dashboard.OpenAsync("/links", host: _host);
        var ofLink = reader.Page.GetByRole(AriaRole.Switch, new() { Name = "Track conversions of 127.0.0.1/held" });
        var ofAll = reader.Page.GetByRole(AriaRole.Switch, new() { Name = "Track conversions unless told otherwise" });
        await Assertions.Expect(ofLink).ToBeCheckedAsync();

        _redis.Pause();
        await ofLink.ClickAsync();
        await reader.Text(NotDone).WaitForAsync();
        await Assertions.Expect(ofLink).ToBeCheckedAsync();
        await ofAll.ClickAsync();
        await Assertions.Expect(ofAll).ToBeCheckedAsync(new() { Checked = false });

        await ResumeAsync();
        await ofLink.ClickAsync();
        await reader.Text("127.0.0.1/held no longer tracks conversions.").WaitForAsync();
        await Assertions.Expect(ofLink).ToBeCheckedAsync(new() { Checked = false });
        Assert.Equal(0, await reader.Text(Away).CountAsync());
    }

    [Fact]
    public async Task PersonErasedMeanwhile_IsNoLongerOfferedWhenTheEventsAreReadAgain()
    {
        using var traffic = new Traffic(_host.Origin);
        await traffic.CreateLinkAsync("erased");
        await traffic.LeadAsync(await traffic.FollowAsync("erased"), "user_erased", name: "Grace");
        await using var reader = await dashboard.OpenAsync("/events", host: _host);
        var show = reader.Button("Show the name and e-mail address of user_erased");
        await show.WaitForAsync();
        using (var erased = await _host.Api.DeleteAsync("/personal-data/user_erased", TestContext.Current.CancellationToken))
        {
            Assert.True(erased.IsSuccessStatusCode);
        }

        await Poll.UntilAsync(async () => (await _host.CallAsync(HttpMethod.Get, "/personal-data/user_erased")).Status == 404, "the person is erased");
        _redis.Pause();
        await reader.Text(Away).WaitForAsync();
        await ResumeAsync();

        await show.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await reader.Page.Locator(".events .tag").GetByText("erased", new() { Exact = true }).WaitForAsync();
    }

    [Fact]
    public async Task PageThatIsLeftForOneThatCannotBeRead_IsNotTakenForIt()
    {
        var (_, link) = await _host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"left"}""");
        await dashboard.GiveUpAsync("user_first", host: _host);
        await _host.Get<SignUpJoin>().UserCreatedAsync(new Clerk.ClerkAccount { UserId = "user_lost", CreatedAt = DateTimeOffset.UtcNow }, TestContext.Current.CancellationToken);
        await using var reader = await dashboard.OpenAsync("/sign-ups/no-click", host: _host);
        await reader.Page.Locator("tbody a").WaitForAsync();
        await using var other = await dashboard.OpenAsync($"/links/{link.GetProperty("id").GetString()}", host: _host);
        await other.Button("Delete").WaitForAsync();

        _redis.Pause();
        await GoAsync(reader, "sign-ups/unknown-click");
        await GoAsync(other, "links/new");
        await reader.Text(Away).WaitForAsync();
        await other.Text(Away).WaitForAsync();
        Assert.Equal(0, await reader.Page.Locator("tbody a").CountAsync());
        Assert.Equal((0, 0), (await other.Button("Delete").CountAsync(), await other.Button("Create").CountAsync()));

        // Nobody is asked for, so nothing has to be read.
        await GoAsync(other, "users/user_first");
        await other.Text(Away).WaitForAsync();
        await GoAsync(other, "users");
        await Assertions.Expect(other.Text(Away)).ToHaveCountAsync(0);

        // And what could not be read at first is shown where the trouble is, when it can be.
        await GoAsync(reader, "deliveries");
        await reader.Page.GetByRole(AriaRole.Heading, new() { Name = "Deliveries", Exact = true }).WaitForAsync();
        await reader.Text(Away).WaitForAsync();
        await ResumeAsync();
        await reader.Text("user_first").WaitForAsync();

        static Task GoAsync(Reader reader, string page) => reader.Page.EvaluateAsync($"Blazor.navigateTo('/dashboard/{page}')");
    }

    private async Task ResumeAsync()
    {
        _redis.Resume();
        await Poll.UntilAsync(async () => (await _host.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode, "the host has its store again");
    }
}
