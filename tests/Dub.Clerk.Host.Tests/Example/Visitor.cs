using System.Collections.Concurrent;
using System.Web;
using Dub.Clerk.Host.Commands.Example;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Example;

/// <summary>Somebody with a browser of their own. Whatever goes wrong on the pages they see is kept.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    /// <summary>In milliseconds. Machines that build something else meanwhile are slow.</summary>
    public const float Patience = 90_000;

    public const string Password = "correct horse battery";

    private readonly ExampleStage _stage;

    /// <summary>Console errors, failed requests, and requests to anywhere but this machine.</summary>
    private readonly ConcurrentQueue<string> _faults = new();

    private Visitor(IBrowserContext context, ExampleStage stage)
    {
        Context = context;
        _stage = stage;
    }

    public IBrowserContext Context { get; }

    public IPage Page { get; private set; } = null!;

    /// <summary>The addresses of all requests.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public static async Task<Visitor> StartAsync(IBrowserContext context, ExampleStage stage)
    {
        context.SetDefaultTimeout(Patience);
        context.SetDefaultNavigationTimeout(Patience);
        var visitor = new Visitor(context, stage);
        context.Console += (_, message) => visitor.Note(message.Type == "error", $"console: {message.Text} ({message.Location})");
        context.WebError += (_, error) => visitor.Note(true, $"page: {error.Error}");
        context.Response += (_, response) => visitor.Note(response.Status >= 400, $"{response.Status} {response.Request.Method} {response.Url}");
        // What a page gives up itself, such as a prefetch when the visitor goes elsewhere, is no failure.
        context.RequestFailed += (_, request) => visitor.Note(request.Failure != "net::ERR_ABORTED", $"{request.Failure} {request.Method} {request.Url}");
        context.Request += (_, request) =>
        {
            visitor.Requests.Enqueue(request.Url);
            visitor.Note(!new Uri(request.Url).IsLoopback && request.Url.StartsWith("http", StringComparison.Ordinal), $"outside: {request.Url}");
        };
        visitor.Page = await context.NewPageAsync();
        return visitor;
    }

    /// <summary>Clicks the short link, and waits until the app's first page works.</summary>
    /// <returns>The click's id.</returns>
    public async Task<string> FollowLinkAsync(IPage? page = null)
    {
        page ??= Page;
        await page.GotoAsync(_stage.ShortLink.ToString());
        await page.GetByText("You came by a link").WaitForAsync();
        return HttpUtility.ParseQueryString(new Uri(page.Url).Query)["dub_id"]!;
    }

    public Task OpenAsync(string path) => Page.GotoAsync(new Uri(_stage.AppAddress, path).ToString());

    /// <summary>Fills in Clerk's form and sends it.</summary>
    public async Task SubmitSignUpAsync(string email)
    {
        await Page.GetByRole(AriaRole.Link, new() { Name = "Sign up" }).First.ClickAsync();
        await Page.GetByLabel("Email address").FillAsync(email);
        await SubmitPasswordAsync(Page);
    }

    /// <summary>By the Enter key: Clerk's word on the password moves the button, and a click that is half done when it comes counts for nothing.</summary>
    public static async Task SubmitPasswordAsync(IPage page)
    {
        var password = page.GetByLabel("Password", new() { Exact = true });
        await password.FillAsync(Password);
        await password.PressAsync("Enter");
    }

    /// <summary>Signs up and waits for the page that comes after it.</summary>
    public async Task SignUpAsync(string email)
    {
        await SubmitSignUpAsync(email);
        await WaitForWelcomeAsync();
    }

    public async Task SignInAsync(string email)
    {
        await Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).First.ClickAsync();
        await Page.GetByLabel("Email address").FillAsync(email);
        await SubmitPasswordAsync(Page);
        await WaitForWelcomeAsync();
    }

    public async Task SignOutAsync()
    {
        await Page.GetByRole(AriaRole.Button, new() { Name = "Open user menu" }).ClickAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).First.WaitForAsync();
    }

    public Task WaitForWelcomeAsync() => WaitForHeadingAsync("Welcome");

    public Task WaitForHeadingAsync(string heading) => WaitAsync(Page, Page.GetByRole(AriaRole.Heading, new() { Name = heading, Exact = true }));

    /// <summary>Waits until the page says so.</summary>
    public Task WaitForStateAsync(string state, IPage? page = null) => WaitAsync(page ?? Page, (page ?? Page).Locator($".card[data-state='{state}']"));

    /// <summary>What the page says of the visitor's sign-up, by the names it uses.</summary>
    public async Task<string> FactAsync(string name) => await Page.Locator(".facts div").Filter(new() { Has = Page.Locator("dt").GetByText(name, new() { Exact = true }) }).Locator("dd").InnerTextAsync();

    public async Task<string?> ClickCookieAsync() => (await Context.CookiesAsync()).FirstOrDefault(cookie => cookie.Name == "dub_id")?.Value;

    public void AssertNothingWentWrong(string? but = null)
    {
        var faults = _faults.Where(fault => but is null || !fault.Contains(but, StringComparison.Ordinal)).ToList();
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    public ValueTask DisposeAsync() => Context.DisposeAsync();

    private async Task WaitAsync(IPage page, ILocator what)
    {
        try
        {
            await what.WaitForAsync();
        }
        catch (TimeoutException e)
        {
            string[] seen = [e.Message, $"At {page.Url}:", await page.Locator("body").InnerTextAsync(), .. _faults, .. Requests.TakeLast(20)];
            throw new TimeoutException(string.Join(Environment.NewLine, seen), e);
        }
    }

    private void Note(bool isFault, string what)
    {
        if (isFault)
        {
            _faults.Enqueue(what);
        }
    }
}
