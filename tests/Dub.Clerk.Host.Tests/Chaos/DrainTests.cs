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
        // Longer than this takes: the benchmark of the same name goes on until a window is full, which wants a machine that is not busy.
        var run = await DrainRun.RunAsync(Leads, PerMinute, window: TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        output.WriteLine(run.ToString());
        Assert.Equal((Leads, 2 * Leads, 0), (run.Leads, run.Calls, run.Refusals));
        Assert.InRange(run.Share, 0, 1);
    }
}
