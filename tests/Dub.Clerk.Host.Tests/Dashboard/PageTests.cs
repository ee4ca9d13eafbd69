using Dub.Clerk.Host.Api;
using Dub.Clerk.Testing;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>What people do on the pages, in a real browser.</summary>
[Collection(SharedDashboard.Name)]
public sealed class PageTests(DashboardFixture dashboard)
{
    [Fact]
    public async Task User_IsToldWhyThereIsALead()
    {
        await dashboard.CreateLinkAsync("story");
        var click = await dashboard.FollowAsync("story");
        await dashboard.SignUpAsync("user_story", click);

        await using var reader = await dashboard.OpenAsync("/users");
        await reader.Page.GetByLabel("Clerk user id").FillAsync("user_story");
        await reader.Page.GetByLabel("Clerk user id").PressAsync("Enter");

        await reader.Text("There is a lead.").WaitForAsync();
        await reader.Text("The click was in the account's unsafe_metadata").WaitForAsync();
        await reader.Text("Clicked 127.0.0.1/story").WaitForAsync();
        await reader.Text("Lead recorded: Sign Up").WaitForAsync();
        Assert.EndsWith("/dashboard/users/user_story", reader.Page.Url, StringComparison.Ordinal);
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task User_IsToldWhyThereIsNoLead()
    {
        await dashboard.CreateLinkAsync("late");
        await dashboard.SignUpAsync("user_late", await dashboard.FollowAsync("late"), createdAt: DateTimeOffset.UtcNow.AddMinutes(-121));

        await using var reader = await dashboard.OpenAsync("/users/user_late");

        await reader.Text("No lead: the click came after the sign-up.").WaitForAsync();
        await reader.Text("It was made 2 hours after the account was created").WaitForAsync();
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Link_IsCreatedWithTheKeyCEditedAndDeleted()
    {
        await using var reader = await dashboard.OpenAsync("/links/new");
        await reader.Page.GetByLabel("Target").FillAsync("example.com/c");
        await reader.Page.GetByLabel("Domain").FillAsync("127.0.0.1");
        await reader.Page.GetByLabel("Key").FillAsync("made-c");
        var track = reader.Page.GetByRole(AriaRole.Switch, new() { Name = "Track conversions" });
        Assert.False(await track.IsCheckedAsync());

        // Not while somebody types: the key has one.
        await reader.Page.Locator("h1").ClickAsync();
        await reader.Page.Keyboard.PressAsync("c");
        await Assertions.Expect(track).ToBeCheckedAsync();
        await reader.Button("Create").ClickAsync();
        await reader.Page.GetByRole(AriaRole.Heading, new() { Name = "127.0.0.1/made-c" }).WaitForAsync();

        var (_, created) = await dashboard.Host.CallAsync(HttpMethod.Get, "/links/info?domain=127.0.0.1&key=made-c");
        Assert.True(created.GetProperty("trackConversion").GetBoolean());
        Assert.Equal("https://example.com/c", created.GetProperty("url").GetString());

        await reader.Button("Copy").ClickAsync();
        await Poll.UntilAsync(
            async () => await reader.Page.EvaluateAsync<string>("navigator.clipboard.readText()") == created.GetProperty("shortLink").GetString(), "the short link is copied");

        await reader.Page.GetByLabel("Target").FillAsync("https://");
        await reader.Button("Save").ClickAsync();
        await reader.Text("Invalid destination URL").WaitForAsync();
        await reader.Page.GetByLabel("Target").FillAsync("https://example.com/edited");
        await reader.Button("Save").ClickAsync();
        await reader.Text("Saved.").WaitForAsync();
        (_, created) = await dashboard.Host.CallAsync(HttpMethod.Get, "/links/info?domain=127.0.0.1&key=made-c");
        Assert.Equal("https://example.com/edited", created.GetProperty("url").GetString());

        await reader.Button("Delete").ClickAsync();
        await reader.Text("Delete this link for good?").WaitForAsync();
        await reader.Button("Delete").ClickAsync();
        await reader.Page.WaitForURLAsync("**/dashboard/links");
        Assert.Equal(404, (await dashboard.Host.CallAsync(HttpMethod.Get, "/links/info?domain=127.0.0.1&key=made-c")).Status);
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Links_ShowWhatTheApiCountsAndAreToggled()
    {
        var (id, name) = await dashboard.CreateLinkAsync("counted");
        await dashboard.SignUpAsync("user_counted", await dashboard.FollowAsync("counted"));
        await dashboard.FollowAsync("counted");
        var (_, link) = await dashboard.Host.CallAsync(HttpMethod.Get, $"/links/{id}");
        Assert.Equal((2, 1), (link.GetProperty("clicks").GetInt32(), link.GetProperty("leads").GetInt32()));

        await using var reader = await dashboard.OpenAsync("/links");
        var row = reader.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = name });
        await Assertions.Expect(row.Locator("[data-label='Clicks']")).ToHaveTextAsync("2");
        await Assertions.Expect(row.Locator("[data-label='Leads']")).ToHaveTextAsync("1");
        await Assertions.Expect(row.Locator("[data-label='Leads per click']")).ToHaveTextAsync("50 %");
        await row.GetByRole(AriaRole.Switch).ClickAsync();
        await reader.Text($"{name} no longer tracks conversions.").WaitForAsync();
        Assert.False((await dashboard.Host.CallAsync(HttpMethod.Get, $"/links/{id}")).Body.GetProperty("trackConversion").GetBoolean());

        await reader.Page.GetByLabel("Search").FillAsync("no-such-link");
        await reader.Page.GetByLabel("Search").PressAsync("Enter");
        await reader.Text("No link matches").WaitForAsync();
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Default_HoldsForLinksOfTheApi()
    {
        await using var reader = await dashboard.OpenAsync("/links");
        await reader.Page.GetByRole(AriaRole.Switch, new() { Name = "Track conversions unless told otherwise" }).ClickAsync();
        await reader.Text("New links track conversions.").WaitForAsync();

        Assert.True((await CreateAsync()).GetProperty("trackConversion").GetBoolean());
        await reader.Page.GetByRole(AriaRole.Switch, new() { Name = "Track conversions unless told otherwise" }).ClickAsync();
        await reader.Text("New links do not track conversions.").WaitForAsync();
        Assert.False((await CreateAsync()).GetProperty("trackConversion").GetBoolean());
        Assert.False(await dashboard.Host.Get<LinkDefaults>().TrackConversionAsync());

        async Task<System.Text.Json.JsonElement> CreateAsync()
            => (await dashboard.Host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://example.com/","domain":"127.0.0.1"}""")).Body;
    }

    [Fact]
    public async Task DeadLetters_AreDroppedAndTriedAgain()
    {
        await dashboard.GiveUpAsync("user_dropped");
        await dashboard.GiveUpAsync("user_again");
        await using var reader = await dashboard.OpenAsync("/deliveries");
        await reader.Page.GetByRole(AriaRole.Button, new() { Name = "Clerk" }).First.ClickAsync();

        var dropped = reader.Page.Locator(".deliveries > li").Filter(new() { HasText = "user_dropped" });
        await dropped.GetByRole(AriaRole.Button, new() { Name = "Drop" }).ClickAsync();
        await dropped.GetByRole(AriaRole.Group).GetByRole(AriaRole.Button, new() { Name = "Drop" }).ClickAsync();
        await reader.Text("It is dropped.").WaitForAsync();
        await dropped.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await reader.Page.Locator(".deliveries > li").Filter(new() { HasText = "user_again" }).GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await reader.Text("It is being tried.").WaitForAsync();

        Assert.DoesNotContain((await dashboard.Host.CallAsync(HttpMethod.Get, "/outbox/clerk/dead")).Body.EnumerateArray(), letter => letter.GetProperty("customer").GetString() is "user_dropped" or "user_again");
        Assert.Contains((await dashboard.Host.CallAsync(HttpMethod.Get, "/outbox/clerk/waiting")).Body.EnumerateArray(), item => item.GetProperty("customer").GetString() == "user_again");
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task TestSignUp_GoesThroughTheWebhookAndBecomesALead()
    {
        var (id, _) = await dashboard.CreateLinkAsync("tested");
        await using var reader = await dashboard.OpenAsync("/setup");
        await reader.Page.GetByLabel("Came by").SelectOptionAsync(id);
        await reader.Button("Send").ClickAsync();
        await reader.Text("The webhook took it: 200.").WaitForAsync();
        await reader.Page.GetByRole(AriaRole.Link, new() { Name = "See what became of it" }).ClickAsync();

        await reader.Text("There is a lead.").WaitForAsync();
        Assert.Equal(1, (await dashboard.Host.CallAsync(HttpMethod.Get, $"/links/{id}")).Body.GetProperty("leads").GetInt32());
        reader.AssertNothingWentWrong();
    }
}
