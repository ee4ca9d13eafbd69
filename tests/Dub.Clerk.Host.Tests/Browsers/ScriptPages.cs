using System.Text.Json.Nodes;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Browsers;

/// <summary>Pages that use the browser script, and a real browser (Debian's Chromium, or another at <c>CHROMIUM</c>) to open them in. Names below
/// <c>example.test</c> lead to the host.</summary>
public sealed class ScriptPages : IAsyncLifetime
{
    public const string ShortDomain = "go.example.test";

    /// <summary>In milliseconds. Machines that build something else meanwhile are slow.</summary>
    private const float Patience = 90_000;

    private static readonly string Path = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } path ? path : "/usr/bin/chromium";

    /// <summary>As root without a sandbox, and asking nobody outside for anything.</summary>
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--host-resolver-rules=MAP *.example.test 127.0.0.1",
    ];

    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    internal HostFixture Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Path))
        {
            return;
        }

        Host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:CaptureClicks"] = "false" }, more: MapPages);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Path, Args = Arguments, Timeout = Patience });
    }

    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
        {
            await _browser.DisposeAsync();
            _playwright.Dispose();
            await Host.DisposeAsync();
        }
    }

    /// <summary>A browser that has been nowhere.</summary>
    public async Task<IPage> NewVisitorAsync()
    {
        Assert.SkipUnless(File.Exists(Path), $"{Path} is missing: install chromium, or name another in CHROMIUM");
        var context = await _browser.NewContextAsync();
        context.SetDefaultTimeout(Patience);
        return await context.NewPageAsync();
    }

    /// <summary>The address of a page that has the script with these attributes.</summary>
    /// <param name="attributes">As they stand in the tag.</param>
    /// <param name="query">With what the page is opened.</param>
    /// <param name="host">Where.</param>
    /// <param name="before">A script that runs before.</param>
    public string Page(string attributes, string query = "", string host = "localhost", string before = "")
        => $"http://{host}:{Host.Origin.Port}/page?attributes={Uri.EscapeDataString(attributes)}&before={Uri.EscapeDataString(before)}&{query}";

    /// <summary>The address of a page that has npm <c>@dub/analytics</c> put the script there.</summary>
    public string PageOfThePackage(string query)
    {
        Assert.SkipWhen(Package() is null, "npm @dub/analytics is not installed: run 'npm ci' in tests/node, or name a folder in DUBCLERK_NODE_MODULES.");
        return $"http://localhost:{Host.Origin.Port}/package?{query}";
    }

    /// <summary>A link that pages refer to.</summary>
    public async Task<(string Id, string Key)> NewLinkAsync()
    {
        var link = new JsonObject { ["url"] = "https://example.com/", ["domain"] = ShortDomain };
        var (_, created) = await Host.CallAsync(HttpMethod.Post, "/links", link.ToJsonString());
        return (created.GetProperty("id").GetString()!, created.GetProperty("key").GetString()!);
    }

    /// <summary>The clicks on a link: their ids, and the pages they led to.</summary>
    public async Task<IReadOnlyList<(string Id, string Url)>> ClicksAsync(string linkId)
        => [.. (await Host.CallAsync(HttpMethod.Get, "/events?limit=1000")).Body.EnumerateArray()
            .Where(click => click.GetProperty("link_id").GetString() == linkId)
            .Select(click => (click.GetProperty("click_id").GetString()!, click.GetProperty("url").GetString()!))];

    private static void MapPages(WebApplication web)
    {
        web.MapGet("/page", (string attributes, string before) => Results.Text(
            $"<!doctype html><title>Page</title><script>{before}</script><script src=/analytics/script.js {attributes}></script>", "text/html")).ExcludeFromDescription();
        web.MapGet("/package", () => Results.Text(
            """
            <!doctype html><title>Package</title><script type=module>
              import { inject } from '/package.mjs';
              inject({ apiHost: '/api', domainsConfig: { refer: 'go.example.test' }, scriptProps: { src: '/analytics/script.js' } });
            </script>
            """,
            "text/html")).ExcludeFromDescription();
        web.MapGet("/package.mjs", () => Results.File(Package()!, "text/javascript")).ExcludeFromDescription();
        web.MapPost("/dubs-own/track/click", () => Results.Text(
            """{"clickId":"abcDEF0123456789","partner":{"id":"pn_1","name":"Zoë; domain=evil.test","image":"https://a.example/i.png?x=1;y"},"discount":{"id":"disc_1","amount":10}}""",
            "application/json")).ExcludeFromDescription();
        web.MapPost("/junk/track/click", () => Results.Text("""{"clickId":"x; domain=example.test"}""", "application/json")).ExcludeFromDescription();
    }

    private static string? Package()
    {
        var modules = Environment.GetEnvironmentVariable("DUBCLERK_NODE_MODULES");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); modules is null && folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "tests", "node", "node_modules");
            modules = Directory.Exists(candidate) ? candidate : null;
        }

        var file = modules is null ? null : System.IO.Path.Combine(modules, "@dub", "analytics", "dist", "index.js");
        return File.Exists(file) ? file : null;
    }
}
