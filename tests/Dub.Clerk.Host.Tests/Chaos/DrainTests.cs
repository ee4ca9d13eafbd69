using Dub.Clerk.Testing.Chaos;

namespace Dub.Clerk.Host.Tests.Chaos;

/// <summary>How fast a backlog goes to Dub, on the real clock.</summary>
public sealed class DrainTests(ITestOutputHelper output)
{
    private const int Leads = 150;

    /// <summary>Twenty a second, as Dub's Business plan.</summary>
    private const int PerMinute = 1200;

    [Fact]
    public async Task BacklogOfTwoHosts_KeepsToTheLimitTheyShare()
    {
        // A sixth of Dub's own, so that the limit is met in this short time.
        var run = await DrainRun.RunAsync(Leads, PerMinute, window: TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        output.WriteLine(run.ToString());
        Assert.Equal((Leads, 2 * Leads, 0), (run.Leads, run.Calls, run.Refusals));
        Assert.InRange(run.Share, 0, 1);
    }
}
