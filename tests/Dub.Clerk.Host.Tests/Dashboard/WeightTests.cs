using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>What a reader's first load costs.</summary>
[Collection(SharedDashboard.Name)]
public sealed class WeightTests(DashboardFixture dashboard, ITestOutputHelper output)
{
    private const int Kilobyte = 1024;

    [Fact]
    public async Task FirstLoad_IsLight()
    {
        await using (var warm = await dashboard.OpenAsync(string.Empty))
        {
            await warm.Page.Locator(".card .figures").First.WaitForAsync();
        }

        // Another context, so nothing is in its cache but what signing in has loaded: no script.
        await using var reader = await dashboard.NewReaderAsync();
        await reader.Page.GotoAsync(dashboard.NewLink());
        await reader.Page.WaitForURLAsync("**/dashboard");
        await reader.Page.Locator(".card .figures").First.WaitForAsync();
        var shown = await reader.Page.EvaluateAsync<double>("() => performance.now()");
        var (requests, sent, unpacked) = await WeighAsync(reader.Page);

        output.WriteLine($"{requests} requests, {sent / Kilobyte} KB sent, {unpacked / Kilobyte} KB unpacked; numbers on the page and usable {shown:F0} ms after the navigation began");
        Assert.InRange(requests, 1, 12);
        Assert.InRange(sent, 1, 150 * Kilobyte);
        reader.AssertNothingWentWrong();
    }

    private static async Task<(int Requests, int Sent, int Unpacked)> WeighAsync(IPage page)
    {
        var weights = await page.EvaluateAsync<int[]>(
            """
            () => {
              const loads = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
              const sum = (of) => loads.reduce((all, load) => all + of(load), 0);
              return [loads.length, sum(load => load.encodedBodySize), sum(load => load.decodedBodySize)];
            }
            """);
        return (weights[0], weights[1], weights[2]);
    }
}
