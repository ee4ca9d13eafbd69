using Dub.Clerk.Host.Dashboard;
using Dub.Clerk.Testing;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>Signing in and out in a real browser.</summary>
[Collection(SharedDashboard.Name)]
public sealed class SignInTests(DashboardFixture dashboard)
{
    [Fact]
    public async Task ConsoleLink_SignsInOnceAndReachesNoLog()
    {
        var link = dashboard.NewLink();
        await using var first = await dashboard.NewReaderAsync();
        await first.Page.GotoAsync(link);
        await first.Page.WaitForURLAsync("**" + DashboardApp.Root);
        await first.ReadyAsync();
        first.AssertNothingWentWrong();

        await using var second = await dashboard.NewReaderAsync();
        await second.Page.GotoAsync(link);
        await second.Text("That link has been used").WaitForAsync();
        Assert.DoesNotContain("code=", second.Page.Url, StringComparison.Ordinal);
        var code = link.Split("#code=")[1];
        Assert.DoesNotContain(dashboard.Host.Log.Entries, entry => entry.Message.Contains(code, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ApiKey_OpensThePageThatWasAskedForAndSigningOutClosesIt()
    {
        await using var reader = await dashboard.NewReaderAsync();
        await reader.Page.GotoAsync(new Uri(dashboard.Host.Origin, "/dashboard/deliveries").ToString());
        await reader.Page.GetByLabel("API key").FillAsync("wrong");
        await reader.Button("Sign in").ClickAsync();
        await reader.Text("That is not an API key").WaitForAsync();

        await reader.Page.GetByLabel("API key").FillAsync(HostFixture.ApiKey);
        await reader.Button("Sign in").ClickAsync();
        await reader.Page.GetByRole(AriaRole.Heading, new() { Name = "Deliveries", Exact = true }).WaitForAsync();
        await reader.Button("Sign out").ClickAsync();
        await reader.Page.GetByLabel("API key").WaitForAsync();
        await reader.Page.GotoAsync(new Uri(dashboard.Host.Origin, "/dashboard").ToString());

        await reader.Page.GetByLabel("API key").WaitForAsync();
        reader.AssertNothingWentWrong(but: "403");
    }

    [Fact]
    public async Task ReadKey_SeesTheDashboardWithoutItsButtons()
    {
        const string readKey = "dub_read_0123456789abcdef";
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DUBCLERK_READ_API_KEY"] = readKey });
        await host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"one"}""");
        await using var reader = await dashboard.NewReaderAsync(host: host);
        await reader.Page.GotoAsync(new Uri(host.Origin, "/dashboard/links").ToString());
        await reader.Page.GetByLabel("API key").FillAsync(readKey);
        await reader.Button("Sign in").ClickAsync();

        await reader.Page.GetByRole(AriaRole.Link, new() { Name = "127.0.0.1/one" }).WaitForAsync();
        Assert.Equal(0, await reader.Page.GetByRole(AriaRole.Switch).CountAsync());
        Assert.Equal(0, await reader.Page.GetByRole(AriaRole.Link, new() { Name = "New link" }).CountAsync());
        await reader.Page.GetByRole(AriaRole.Link, new() { Name = "127.0.0.1/one" }).ClickAsync();
        await reader.Page.GetByLabel("Target").WaitForAsync();
        Assert.Equal(0, await reader.Button("Save").CountAsync() + await reader.Button("Delete").CountAsync());
        await reader.OpenAsync("/setup");
        await reader.Text("Clerk's webhooks").First.WaitForAsync();
        Assert.Equal(0, await reader.Button("Send").CountAsync());

        // What has no button can still be sent.
        await reader.OpenAsync("/links/new");
        await reader.Page.GetByLabel("Target").FillAsync("https://example.com/other");
        await reader.Page.EvaluateAsync("() => document.querySelector('form.form').requestSubmit()");
        await reader.Text("you may look, and change nothing").WaitForAsync();
        Assert.Equal(1, (await host.CallAsync(HttpMethod.Get, "/links/count")).Body.GetInt32());
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task ClerkSession_OfAnAllowedUserIsOffered()
    {
        await using var reader = await dashboard.NewReaderAsync();
        await reader.Context.AddCookiesAsync(
        [
            new() { Name = "__session", Value = dashboard.Host.Clerk.MintSessionToken(DashboardFixture.AllowedUser, DateTimeOffset.UtcNow), Url = dashboard.Host.Origin.ToString() },
        ]);
        await reader.Page.GotoAsync(new Uri(dashboard.Host.Origin, "/dashboard/users/user_nobody").ToString());
        await reader.Button($"Continue as {DashboardFixture.AllowedUser}").ClickAsync();

        await reader.Text("Nothing is known of this user.").WaitForAsync();
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task PersonalData_IsHiddenUntilAskedForAndFromThoseNotNamed()
    {
        await dashboard.SignUpAsync("user_private");
        await using var holder = await dashboard.OpenAsync("/users/user_private");
        Assert.DoesNotContain("ada@example.org", await holder.Page.ContentAsync(), StringComparison.Ordinal);
        await holder.Button("Show the e-mail address").ClickAsync();
        await holder.Text("ada@example.org").WaitForAsync();

        await using var user = await dashboard.NewReaderAsync();
        await user.Context.AddCookiesAsync(
        [
            new() { Name = "__session", Value = dashboard.Host.Clerk.MintSessionToken(DashboardFixture.AllowedUser, DateTimeOffset.UtcNow), Url = dashboard.Host.Origin.ToString() },
        ]);
        await user.Page.GotoAsync(new Uri(dashboard.Host.Origin, "/dashboard/users/user_private").ToString());
        await user.Button($"Continue as {DashboardFixture.AllowedUser}").ClickAsync();
        await user.Text("hidden from you").First.WaitForAsync();
        Assert.DoesNotContain("ada@example.org", await user.Page.ContentAsync(), StringComparison.Ordinal);
    }
}
