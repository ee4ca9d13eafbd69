using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Host.Tests.Browsers;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Example;

/// <summary>The example's pages as people see them, on a desk and on a phone: a picture of each in the folder <c>Screenshots</c> of the test
/// output, nothing wider than the screen, and no fault that axe finds.</summary>
[Collection(SharedExample.Name)]
public sealed class PageTests
{
    private static readonly DirectoryInfo Screenshots = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "Screenshots"));

    private readonly ExampleFixture _example;
    private readonly ITestOutputHelper _output;

    public PageTests(ExampleFixture example, ITestOutputHelper output)
    {
        Assert.SkipWhen(example.MissingReason is not null, example.MissingReason ?? string.Empty);
        (_example, _output) = (example, output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_FitTheScreenAndAreAccessible(bool phone)
    {
        await using var visitor = await _example.VisitAsync(phone: phone);
        _example.Stage.Clerk.Webhooks.Delivery = ClerkDelivery.Held;
        await visitor.FollowLinkAsync();
        await LookAsync(visitor, "home", phone);
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).First.ClickAsync();
        await visitor.Page.GetByLabel("Email address").WaitForAsync();
        await LookAsync(visitor, "sign-in", phone);
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Sign up" }).First.ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Create your account" }).WaitForAsync();
        await LookAsync(visitor, "sign-up", phone);

        await visitor.SignUpAsync($"visitor-{Guid.NewGuid():N}@example.org");
        await visitor.WaitForStateAsync("pending");
        await LookAsync(visitor, "welcome-pending", phone);
        _example.Stage.Clerk.Webhooks.Release();
        await visitor.WaitForStateAsync("tracked");
        await visitor.Page.Locator(".facts div").Filter(new() { HasText = "In your Clerk metadata" }).Locator("code").WaitForAsync();
        await LookAsync(visitor, "welcome-tracked", phone);
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Plans" }).First.ClickAsync();
        await visitor.WaitForHeadingAsync("Plans");
        await LookAsync(visitor, "plans", phone);
        visitor.AssertNothingWentWrong();
    }

    private async Task LookAsync(Visitor visitor, string name, bool phone)
    {
        await visitor.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await visitor.Page.WaitForFunctionAsync("() => document.title !== ''");
        var file = Path.Combine(Screenshots.FullName, $"{name}-{(phone ? "phone" : "desktop")}.png");
        await visitor.Page.ScreenshotAsync(new() { Path = file, FullPage = true, Animations = ScreenshotAnimations.Disabled });
        _output.WriteLine(file);

        Assert.False(await visitor.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth"), $"{name} is wider than the screen.");
        // What Clerk's own components look like is Clerk's.
        var faults = await Axe.FindFaultsAsync(visitor.Page, exclude: [".cl-rootBox"]);
        Assert.True(faults.Length == 0, $"{name}: {string.Join('\n', faults)}");
    }
}
