using System.Collections.Concurrent;
using System.Globalization;
using Dub.Clerk.Host.Dashboard;
using Dub.Clerk.Host.Tests.Example;
using Dub.Clerk.Testing;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>Somebody who looks at the dashboard in a browser. Whatever goes wrong there is kept.</summary>
internal sealed class Reader : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly Uri _origin;

    private Reader(IBrowserContext context, Uri origin) => (Context, _origin) = (context, origin);

    public IBrowserContext Context { get; }

    public IPage Page { get; private set; } = null!;

    public static async Task<Reader> StartAsync(IBrowserContext context, Uri origin)
    {
        context.SetDefaultTimeout(Visitor.Patience);
        context.SetDefaultNavigationTimeout(Visitor.Patience);
        var reader = new Reader(context, origin);

        // A page that its policy keeps from something says so on the console.
        context.Console += (_, message) => reader.Note(message.Type is "error" or "warning", $"console: {message.Text} ({message.Location})");
        context.WebError += (_, error) => reader.Note(true, $"page: {error.Error}");
        context.Response += (_, response) => reader.Note(response.Status >= 400, $"{response.Status} {response.Request.Method} {response.Url}");
        context.Request += (_, request) => reader.Note(new Uri(request.Url).Authority != origin.Authority && !request.Url.StartsWith("data:", StringComparison.Ordinal), $"outside: {request.Url}");
        reader.Page = await context.NewPageAsync();
        return reader;
    }

    /// <summary>Opens a page of the dashboard, and waits until it works.</summary>
    public async Task OpenAsync(string path)
    {
        await Page.GotoAsync(new Uri(_origin, DashboardApp.Root + path).ToString());
        await ReadyAsync();
    }

    public Task ReadyAsync() => Page.Locator(".app h1").WaitForAsync();

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Text(string text) => Page.GetByText(text);

    /// <summary>Signs in where there is no link on a console to read.</summary>
    public async Task SignInAsync()
    {
        await Page.GotoAsync(new Uri(_origin, DashboardApp.Root).ToString());
        await Page.GetByLabel("API key").FillAsync(HostFixture.ApiKey);
        await Button("Sign in").ClickAsync();
        await ReadyAsync();
    }

    /// <summary>The events that are listed, from the top down, as <see cref="Traffic.Line"/> writes them; those of one moment in the order of their lines.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync()
    {
        var rows = await Page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll('.events tbody tr')].map(row => [row.querySelector('.tag').textContent, row.querySelector('time').dateTime, row.querySelector('td:nth-child(3) a').textContent].join(' '))");
        var lines = rows.Select(row => row.Split(' ')).Select(parts => (At: DateTimeOffset.Parse(parts[1], CultureInfo.InvariantCulture), Kind: parts[0], Link: parts[2]))
            .Select(row => (At: row.At.ToUnixTimeMilliseconds(), Line: Traffic.Line(row.Kind, row.At, row.Link))).ToList();
        Assert.Equal(lines.Select(line => line.At).OrderDescending(), lines.Select(line => line.At));
        return [.. lines.OrderByDescending(line => line.At).ThenByDescending(line => line.Line, StringComparer.Ordinal).Select(line => line.Line)];
    }

    public void AssertNothingWentWrong(string? but = null)
    {
        var faults = _faults.Where(fault => but is null || !fault.Contains(but, StringComparison.Ordinal)).ToList();
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    public ValueTask DisposeAsync() => Context.DisposeAsync();

    private void Note(bool isFault, string what)
    {
        if (isFault)
        {
            _faults.Enqueue(what);
        }
    }
}
