using System.Globalization;
using System.Text.Json;
using Dub.Clerk.Host.Commands.Example;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Testing;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Example;

/// <summary>Visitors of the example app in a real browser, with Clerk's own browser code: what becomes of them, whatever happens on the way.</summary>
[Collection(SharedExample.Name)]
public sealed class ExampleTests : IAsyncLifetime
{
    private readonly ExampleFixture _example;
    private readonly string _email = $"visitor-{Guid.NewGuid():N}@example.org";

    public ExampleTests(ExampleFixture example)
    {
        Assert.SkipWhen(example.MissingReason is not null, example.MissingReason ?? string.Empty);
        _example = example;
        Stage = example.Stage;
        Clerk.Webhooks.Delivery = ClerkDelivery.AtOnce;
        Clerk.EmailCodes = false;
    }

    private ExampleStage Stage { get; set; } = null!;

    private ClerkServer Clerk => Stage.Clerk;

    private Visitor Visitor { get; set; } = null!;

    public async ValueTask InitializeAsync() => Visitor = await _example.VisitAsync();

    public async ValueTask DisposeAsync()
    {
        if (Visitor is not null)
        {
            await Visitor.DisposeAsync();
        }
    }

    [Fact]
    public async Task WebhookBeforeTheBrowser_OneLead()
    {
        var release = new TaskCompletionSource();
        await Visitor.Page.RouteAsync("**/api/dub/attribution", async route =>
        {
            await release.Task;
            await route.ContinueAsync();
        });
        var click = await Visitor.FollowLinkAsync();
        await Visitor.SignUpAsync(_email);
        await WaitForLeadAsync();
        release.SetResult();

        await AssertTrackedAsync(click);
    }

    [Fact]
    public async Task BrowserBeforeTheWebhook_OneLead()
    {
        Clerk.Webhooks.Delivery = ClerkDelivery.Held;
        var click = await Visitor.FollowLinkAsync();
        await Visitor.SignUpAsync(_email);
        await Visitor.WaitForStateAsync("pending");
        Assert.Equal("awaiting-webhook", await Visitor.FactAsync("Why"));
        Assert.Null(await Visitor.ClickCookieAsync());

        Clerk.Webhooks.Release();

        await AssertTrackedAsync(click);
    }

    [Fact]
    public async Task WebhookLost_OneLeadOnTheWordOfClerksApi()
    {
        await using var impatient = await ExampleFixture.StartStageAsync(new Dictionary<string, string?> { ["DubClerk:WebhookPatience"] = "00:00:02" });
        await using var visitor = Visitor = await _example.VisitAsync(Stage = impatient);
        Clerk.Webhooks.Delivery = ClerkDelivery.Lost;
        var click = await visitor.FollowLinkAsync();
        await visitor.SignUpAsync(_email);

        await AssertTrackedAsync(click);
        Assert.Empty(Clerk.Webhooks.Messages.SelectMany(message => message.Answers));
    }

    [Fact]
    public async Task TabClosedRightAfterSigningUp_OneLead()
    {
        // Nothing but the webhook can bring the click.
        await Visitor.Page.RouteAsync("**/api/dub/attribution", _ => Task.CompletedTask);
        var click = await Visitor.FollowLinkAsync();
        await Visitor.Page.RunAndWaitForResponseAsync(
            () => Visitor.SubmitSignUpAsync(_email), response => response.Url.Contains("/client/sign_ups", StringComparison.Ordinal) && response.Ok);
        await Visitor.Page.CloseAsync();

        await WaitForLeadAsync();
        await AssertLeadAsync(click);
    }

    [Fact]
    public async Task ScriptBlocked_OneLead()
    {
        await Visitor.Page.RouteAsync("**/analytics/script.js", route => route.AbortAsync("blockedbyclient"));
        var click = await Visitor.FollowLinkAsync();
        Assert.Equal(click, await Visitor.ClickCookieAsync());
        await Visitor.SignUpAsync(_email);

        await AssertTrackedAsync(click, but: "/analytics/script.js");
    }

    [Fact]
    public async Task TwoTabs_OneLeadForTheLastClickBeforeSigningUp()
    {
        await Visitor.FollowLinkAsync();
        await Visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Sign up" }).First.ClickAsync();
        await Visitor.Page.GetByLabel("Email address").WaitForAsync();
        var other = await Visitor.Context.NewPageAsync();
        var click = await Visitor.FollowLinkAsync(other);
        await Visitor.Page.BringToFrontAsync();
        await Visitor.SignUpAsync(_email);

        await other.BringToFrontAsync();
        await other.GotoAsync(new Uri(Stage.AppAddress, "/welcome").ToString());
        await Visitor.WaitForStateAsync("tracked", other);
        await Visitor.Page.BringToFrontAsync();
        await AssertTrackedAsync(click);
    }

    [Fact]
    public async Task ExistingUserWhoClicksAndSignsIn_NoLead()
    {
        var user = Clerk.Users.Create(createdAt: DateTimeOffset.UtcNow.AddDays(-40), email: _email, password: Visitor.Password);
        await Visitor.FollowLinkAsync();
        await Visitor.SignInAsync(_email);

        await Visitor.WaitForStateAsync("not-attributed");
        Assert.Equal("existing-user", await Visitor.FactAsync("Why"));
        Assert.Empty(await LeadsAsync((string)user["id"]!));
        Assert.Null(await Visitor.ClickCookieAsync());
        Visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task SignUpWithACodeFromAnEmail_OneLead()
    {
        Clerk.EmailCodes = true;
        var click = await Visitor.FollowLinkAsync();
        await Visitor.SubmitSignUpAsync(_email);
        await Visitor.Page.GetByLabel("Enter verification code").PressSequentiallyAsync("424242");
        await Visitor.WaitForWelcomeAsync();

        await AssertTrackedAsync(click);
    }

    [Fact]
    public async Task SecondAccountInTheSameBrowser_IsNotCreditedToTheFirstOnesClick()
    {
        var click = await Visitor.FollowLinkAsync();
        await Visitor.SignUpAsync(_email);
        await AssertTrackedAsync(click);
        await Visitor.SignOutAsync();

        var second = "second-" + _email;
        await Visitor.SignUpAsync(second);
        await Visitor.WaitForStateAsync("pending");

        // Until Clerk's webhook is there, nobody is known to wait for.
        await Visitor.Page.Locator(".facts").GetByText("no-click", new() { Exact = true }).WaitForAsync();
        Assert.Empty(await LeadsAsync(UserId(second)));
        await AssertLeadAsync(click);
        Visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task SessionThatExpired_IsRenewedByAHandshakeOnTheNextPage()
    {
        await Visitor.OpenAsync("/");
        await Visitor.SignUpAsync(_email);

        // Clerk's code writes each cookie under two names, the second a moment after the first.
        await Poll.UntilAsync(async () => (await Visitor.Context.CookiesAsync()).Count(IsOfTheSession) == 4, "the browser has the session's cookies");

        // Clerk counts handshakes against loops, in a cookie of three seconds, and the first visit has made some.
        await Poll.UntilAsync(async () => !(await Visitor.Context.CookiesAsync()).Any(cookie => cookie.Name == "__clerk_redirect_count"), "Clerk has forgotten the first handshakes");
        await Visitor.Page.GotoAsync("about:blank");
        var expired = await AgeSessionAsync(TimeSpan.FromHours(1));

        await Visitor.OpenAsync("/welcome");

        await Visitor.WaitForWelcomeAsync();
        Assert.EndsWith("/welcome", Visitor.Page.Url, StringComparison.Ordinal);
        var handshakes = Visitor.Requests.Where(address => address.Contains("/client/handshake?", StringComparison.Ordinal)).ToList();
        Assert.True(handshakes.Any(address => address.Contains("session-token-expired", StringComparison.Ordinal)), string.Join('\n', handshakes));
        Assert.DoesNotContain(await Visitor.Context.CookiesAsync(), cookie => cookie.Value == expired);
        await Visitor.WaitForStateAsync("pending");
        Visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task KeyboardAlone_Suffices()
    {
        var click = await Visitor.FollowLinkAsync();
        await TabToAsync("Create an account");
        await Visitor.Page.Keyboard.PressAsync("Enter");
        await Visitor.Page.GetByLabel("Email address").WaitForAsync();
        await TabToAsync("Email address");
        await Visitor.Page.Keyboard.TypeAsync(_email);
        await TabToAsync("Password");
        await Visitor.Page.Keyboard.TypeAsync(Visitor.Password);
        await Visitor.Page.Keyboard.PressAsync("Enter");
        await Visitor.WaitForWelcomeAsync();

        await AssertTrackedAsync(click);
    }

    [Fact]
    public async Task PageForMembers_SendsStrangersToSignInAndBack()
    {
        Clerk.Users.Create(email: _email, password: Visitor.Password);
        await Visitor.OpenAsync("/plans");
        await Visitor.Page.GetByLabel("Email address").FillAsync(_email);
        await Visitor.SubmitPasswordAsync(Visitor.Page);

        await Visitor.WaitForHeadingAsync("Plans");
        Visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task PlanBought_IsOneSaleOfTheClickAtTheServersPrice()
    {
        var click = await Visitor.FollowLinkAsync();
        await Visitor.SignUpAsync(_email);
        await AssertTrackedAsync(click);
        await Visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Plans", Exact = true }).ClickAsync();
        await Visitor.WaitForHeadingAsync("Plans");
        await Visitor.Page.GetByLabel("Team").CheckAsync();
        await Visitor.Page.Locator("form.card").EvaluateAsync("form => form.insertAdjacentHTML('beforeend', '<input name=\"amount\" value=\"1\">')");
        await Visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Buy", Exact = true }).ClickAsync();
        await Visitor.Page.GetByText("Team is yours, and the link that brought you is credited with the sale.").WaitForAsync();

        var sale = Assert.Single(await EventsAsync("sales", UserId(_email)));
        Assert.Equal(("Team plan", click), (sale.GetProperty("eventName").GetString(), sale.GetProperty("click").GetProperty("id").GetString()));
        Assert.Equal((2900, "usd"), (sale.GetProperty("sale").GetProperty("amount").GetInt32(), sale.GetProperty("sale").GetProperty("currency").GetString()));
        Assert.StartsWith("inv_", sale.GetProperty("sale").GetProperty("invoiceId").GetString(), StringComparison.Ordinal);
        Visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task ClerksButtonComesLate_TheLinkUnderTheMouseStays()
    {
        var release = new TaskCompletionSource();
        await Visitor.Page.RouteAsync("**/userbutton_*.js", async route =>
        {
            await release.Task;
            await route.ContinueAsync();
        });
        await Visitor.OpenAsync("/");
        await Visitor.SignUpAsync(_email);
        var plans = Visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Plans", Exact = true });
        await plans.HoverAsync();
        await Visitor.Page.Mouse.DownAsync();
        release.SetResult();
        await Visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Open user menu" }).WaitForAsync();
        await Visitor.Page.Mouse.UpAsync();

        await Visitor.WaitForHeadingAsync("Plans");
        Visitor.AssertNothingWentWrong();
    }

    private static bool IsOfTheSession(BrowserContextCookiesResult cookie)
        => cookie.Name.StartsWith("__session", StringComparison.Ordinal) || cookie.Name.StartsWith("__client_uat", StringComparison.Ordinal);

    /// <summary>Puts the browser's session back in time, as if nobody had been here since.</summary>
    /// <returns>The token that it now has.</returns>
    private async Task<string> AgeSessionAsync(TimeSpan age)
    {
        var then = DateTimeOffset.UtcNow - age;
        var token = Clerk.Instance.MintSessionToken(UserId(_email), then, Stage.AppAddress.GetLeftPart(UriPartial.Authority));
        foreach (var cookie in (await Visitor.Context.CookiesAsync()).Where(IsOfTheSession))
        {
            var value = cookie.Name.StartsWith("__session", StringComparison.Ordinal) ? token : then.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            await Visitor.Context.AddCookiesAsync([new Cookie { Name = cookie.Name, Value = value, Domain = cookie.Domain, Path = cookie.Path, SameSite = cookie.SameSite }]);
        }

        return token;
    }

    private static string NameScript => "() => { const e = document.activeElement; return e?.labels?.[0]?.innerText || e?.getAttribute('aria-label') || e?.innerText || ''; }";

    private async Task TabToAsync(string name)
    {
        for (var step = 0; step < 30; step++)
        {
            if ((await Visitor.Page.EvaluateAsync<string>(NameScript)).Trim() == name)
            {
                return;
            }

            await Visitor.Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"The Tab key does not lead to '{name}'.");
    }

    /// <summary>The page, the cookie, the event log and Clerk all say that this click brought the user, once.</summary>
    private async Task AssertTrackedAsync(string click, string? but = null)
    {
        await Visitor.WaitForStateAsync("tracked");
        Assert.Equal(click, await Visitor.FactAsync("Click"));
        Assert.Null(await Visitor.ClickCookieAsync());
        await WaitForLeadAsync();
        await AssertLeadAsync(click);
        Visitor.AssertNothingWentWrong(but);
    }

    private async Task AssertLeadAsync(string click)
    {
        var lead = Assert.Single(await LeadsAsync(UserId(_email)));
        Assert.Equal(click, lead.GetProperty("click").GetProperty("id").GetString());
        Assert.Equal(Stage.ShortLink.ToString(), lead.GetProperty("link").GetProperty("shortLink").GetString());
        await Poll.UntilAsync(() => (string?)Clerk.Users.FindByEmail(_email)!["public_metadata"]!["dubClickId"] == click, "Clerk's user carries the click");
    }

    private Task WaitForLeadAsync() => Poll.UntilAsync(
        async () => Clerk.Users.FindByEmail(_email) is { } user && (await LeadsAsync((string)user["id"]!)).Count > 0, "the lead is in the event log");

    private Task<List<JsonElement>> LeadsAsync(string userId) => EventsAsync("leads", userId);

    private async Task<List<JsonElement>> EventsAsync(string kind, string userId)
    {
        var events = JsonSerializer.Deserialize<JsonElement>(await Stage.Api.GetStringAsync($"/events?event={kind}&limit=1000"));
        return [.. events.EnumerateArray().Where(happened => happened.GetProperty("customer").GetProperty("externalId").GetString() == userId)];
    }

    private string UserId(string email) => (string)Clerk.Users.FindByEmail(email)!["id"]!;
}
