using System.Globalization;
using Dub.Clerk.Testing;
using Dub.Clerk.Testing.Chaos;

namespace Dub.Clerk.Host.Tests.Chaos;

/// <summary>The promise on a Redis Cluster. At full size: <c>DUBCLERK_CLUSTER_MINUTES=10</c>; a run again: <c>DUBCLERK_CHAOS_SEED</c>.</summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    private static readonly double Minutes = double.TryParse(Environment.GetEnvironmentVariable("DUBCLERK_CLUSTER_MINUTES"), CultureInfo.InvariantCulture, out var minutes) ? minutes : 1;
    private static readonly int PerSecond = int.TryParse(Environment.GetEnvironmentVariable("DUBCLERK_CLUSTER_RATE"), CultureInfo.InvariantCulture, out var rate) ? rate : 8;
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("DUBCLERK_CHAOS_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : Environment.TickCount;

    [Fact]
    public async Task NodesAndHostsDieHangAndMove_EverySignUpIsOneLeadAndCountersEqualEvents()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        output.WriteLine($"seed {Seed}");

        var run = await ClusterRun.RunAsync(TimeSpan.FromMinutes(Minutes), PerSecond, replicas: 1, Seed, output.WriteLine);

        output.WriteLine(run.Report);
        var load = run.Load;
        Assert.Empty(load.Wrong);
        Assert.Equal((0, 0), (run.Waiting, run.Dead));
        Assert.Equal(load.Leads.Select(lead => (lead.UserId, lead.ClickId)).Order(), run.OwnLeads.Order());
        Assert.Equal(load.Leads.Where(lead => lead.IsDubs).Select(lead => (lead.UserId, lead.ClickId)).Order(), run.DubLeads.Order());
        Assert.Equal(load.Sales.Order(), run.OwnSales.Order());
        Assert.Empty(load.Clicks.Except(run.OwnClicks));
        Assert.Equal(run.OwnClicks.Count, run.OwnClicks.Distinct().Count());
        Assert.Equal((run.OwnClicks.Count, run.OwnLeads.Count, run.OwnSales.Count, run.OwnSales.Sum(sale => sale.Amount)), run.Counted);
    }
}
