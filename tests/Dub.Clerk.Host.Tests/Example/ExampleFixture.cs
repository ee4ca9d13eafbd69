using Dub.Clerk.Host.Commands.Example;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Example;

/// <summary>Those who share one: a browser at a time.</summary>
[CollectionDefinition(Name)]
public sealed class SharedExample : ICollectionFixture<ExampleFixture>
{
    public const string Name = "example";
}

/// <summary>The example with everything around it, as the command <c>example</c> starts it, and a browser.</summary>
public sealed class ExampleFixture : IAsyncLifetime
{
    private static readonly string? AppFolder = NextApp.Find(AppContext.BaseDirectory);

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Why nothing can be run here; null when it can.</summary>
    internal string? MissingReason { get; private set; } =
        Chromium.MissingReason
        ?? (AppFolder is null ? "examples/NextApp is not here"
            : !NextApp.IsInstalled(AppFolder) ? "the example's packages are not installed: run npm ci in examples/NextApp"
            : null);

    internal ExampleStage Stage { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (MissingReason is not null)
        {
            return;
        }

        try
        {
            await ClerkScripts.FetchAsync(ClerkScripts.DefaultFolder, CancellationToken.None);
        }
        catch (CommandFailedException e)
        {
            MissingReason = e.Message;
            return;
        }

        if (!NextApp.IsBuilt(AppFolder!))
        {
            using var instance = new ClerkStandIn();
            await NextApp.BuildAsync(AppFolder!, instance, CancellationToken.None);
        }

        Stage = await StartStageAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await Chromium.LaunchAsync(_playwright);
    }

    /// <summary>A stage with a host that is set up otherwise.</summary>
    internal static Task<ExampleStage> StartStageAsync(IDictionary<string, string?>? settings = null) =>
        ExampleStage.StartAsync(AppFolder!, ClerkScripts.DefaultFolder, settings: settings);

    internal async Task<Visitor> VisitAsync(ExampleStage? stage = null, bool phone = false)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = phone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 800 },
            DeviceScaleFactor = phone ? 2 : 1,
            HasTouch = phone,
            IsMobile = phone,
            Locale = "en-US",
        });
        return await Visitor.StartAsync(context, stage ?? Stage);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (Stage is not null)
        {
            await Stage.DisposeAsync();
        }
    }
}
