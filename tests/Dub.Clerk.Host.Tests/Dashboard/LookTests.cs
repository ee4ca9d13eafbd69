using Dub.Clerk.Host.Tests.Browsers;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>The pages as people see them, on a desk and on a phone, by day and by night: a picture of each in the folder <c>Screenshots</c> of the
/// test output, nothing wider than the screen, no fault that axe finds, nothing on the console, no request that leaves the host.</summary>
[Collection(LookedAtDashboard.Name)]
public sealed class LookTests(DashboardFixture dashboard, ITestOutputHelper output)
{
    private static readonly DirectoryInfo Screenshots = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "Screenshots"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_FitTheScreenAndAreAccessible(bool phone)
    {
        var name = phone ? "phone" : "desktop";
        var (link, _) = await dashboard.CreateLinkAsync("look-" + name);
        var user = "user_look" + name;
        await dashboard.SignUpAsync(user, await dashboard.FollowAsync("look-" + name));
        await dashboard.Host.CallAsync(HttpMethod.Post, "/track/sale", $$"""{"customerExternalId":"{{user}}","amount":4900,"eventName":"Subscribed"}""");
        await dashboard.GiveUpAsync(user, "422: the address is not one");

        await using var stranger = await dashboard.NewReaderAsync(phone);
        await stranger.Page.GotoAsync(new Uri(dashboard.Host.Origin, "/dashboard").ToString());
        await LookAsync(stranger.Page, "sign-in", name, output);
        stranger.AssertNothingWentWrong();

        await using var reader = await dashboard.OpenAsync(string.Empty, phone);
        foreach (var (path, page) in (IEnumerable<(string, string)>)
            [
                (string.Empty, "overview"), ("/events", "events"), ("/events?link=no-such-link", "events-none"), ("/users", "user-none"), ("/users/" + user, "user"), ("/users/user_unknown", "user-unknown"), ("/links", "links"),
                ("/links/new", "link-new"), ("/links/" + link, "link"), ("/deliveries", "deliveries"), ("/setup", "setup"), ("/not-found", "not-found"),
            ])
        {
            await reader.OpenAsync(path);
            if (page == "events")
            {
                await reader.Page.Locator(".events").WaitForAsync();
            }

            await LookAsync(reader.Page, page, name, output);
        }

        if (phone)
        {
            await reader.Button("Menu").ClickAsync();
            await LookAsync(reader.Page, "menu", name, output);
            await reader.Page.GetByRole(AriaRole.Link, new() { Name = "Links" }).ClickAsync();
            await reader.Page.WaitForURLAsync("**/dashboard/links");
        }

        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Keyboard_ReachesEverythingFromTheSkipLinkOn()
    {
        await using var reader = await dashboard.OpenAsync("/links");
        await reader.Page.WaitForFunctionAsync("() => document.activeElement.tagName === 'H1'");
        await reader.Page.Locator("a, button").First.FocusAsync();
        Assert.Equal("Skip to the content", await reader.Page.EvaluateAsync<string>("document.activeElement.textContent"));
        await reader.Page.Keyboard.PressAsync("Enter");
        await reader.Page.WaitForFunctionAsync("() => document.activeElement.id === 'content'");
        await reader.Page.Keyboard.PressAsync("Tab");

        Assert.Equal("New link", await reader.Page.EvaluateAsync<string>("document.activeElement.textContent"));
    }

    internal static async Task LookAsync(IPage page, string what, string name, ITestOutputHelper output)
    {
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.WaitForFunctionAsync("() => document.title !== ''");
        foreach (var scheme in (ColorScheme[])[ColorScheme.Dark, ColorScheme.Light])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            var file = Path.Combine(Screenshots.FullName, $"dashboard-{what}-{name}-{(scheme == ColorScheme.Dark ? "dark" : "light")}.png");
            await page.ScreenshotAsync(new() { Path = file, FullPage = true, Animations = ScreenshotAnimations.Disabled });
            output.WriteLine(file);

            // By night only the colours are others.
            var faults = await Axe.FindFaultsAsync(page, rules: scheme == ColorScheme.Light ? [] : ["color-contrast"]);
            Assert.True(faults.Length == 0, $"{what}, {scheme}: {string.Join('\n', faults)}");
        }

        Assert.False(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth"), $"{what} is wider than the screen.");
    }
}
