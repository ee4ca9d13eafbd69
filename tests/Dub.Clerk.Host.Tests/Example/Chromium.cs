using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Example;

/// <summary>Debian's Chromium, or another at <c>CHROMIUM</c>.</summary>
internal static class Chromium
{
    /// <summary>As root without a sandbox, and asking nobody outside for anything.</summary>
    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private static string Path { get; } = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } path ? path : "/usr/bin/chromium";

    public static string? MissingReason { get; } = File.Exists(Path) ? null : $"{Path} is missing: install chromium, or name another in CHROMIUM";

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        // Five seconds are not always enough on a busy machine.
        Assertions.SetDefaultExpectTimeout(Visitor.Patience);
        return playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Path, Args = Arguments, Timeout = Visitor.Patience });
    }
}
