using Dub.Clerk.Host.Commands.Example;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>The picture in the root README is the page as it is: made here, in the folder <c>Screenshots</c> of the test output, from where it is copied
/// to <c>src/Dub.Clerk.Host/dashboard.webp</c> when the page has changed.</summary>
[Collection(LookedAtDashboard.Name)]
public sealed class PictureTests(DashboardFixture dashboard, CampaignHost campaign, ITestOutputHelper output) : IClassFixture<CampaignHost>
{
    private const int LargestKilobytes = 100;

    [Fact]
    public async Task PictureOfTheReadme_IsOneOfThisPage()
    {
        await using var reader = await dashboard.OpenAsync("/over-time?interval=30d", phone: false, campaign.Host);
        await reader.Page.Locator(".charts").WaitForAsync();
        await reader.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        var devTools = await reader.Context.NewCDPSessionAsync(reader.Page);
        var answer = await devTools.SendAsync("Page.captureScreenshot", new Dictionary<string, object> { ["format"] = "webp", ["quality"] = 80 });
        var made = answer!.Value.GetProperty("data").GetBytesFromBase64();
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "Screenshots")).FullName, "dashboard.webp");
        await File.WriteAllBytesAsync(file, made, TestContext.Current.CancellationToken);
        output.WriteLine(file);

        var kept = await File.ReadAllBytesAsync(
            Path.Combine(NextApp.Find(AppContext.BaseDirectory)!, "..", "..", "src", "Dub.Clerk.Host", "dashboard.webp"), TestContext.Current.CancellationToken);
        Assert.Equal(await SizeAsync(reader.Page, made), await SizeAsync(reader.Page, kept));
        // Other days, other bars; a page that looks otherwise weighs otherwise.
        Assert.InRange(kept.Length, made.Length / 2, made.Length * 2);
        Assert.InRange(kept.Length, 1, LargestKilobytes * 1024);
        reader.AssertNothingWentWrong();
    }

    private static Task<string> SizeAsync(IPage page, byte[] picture) => page.EvaluateAsync<string>(
        """
        async data => {
          const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(data), c => c.charCodeAt(0))]));
          return `${bitmap.width} x ${bitmap.height}`;
        }
        """,
        Convert.ToBase64String(picture));
}
