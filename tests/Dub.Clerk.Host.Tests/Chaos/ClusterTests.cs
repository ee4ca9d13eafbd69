using System.Globalization;
using Dub.Clerk.Testing;
using Dub.Clerk.Testing.Chaos;

namespace Dub.Clerk.Host.Tests.Chaos;

/// <summary>The promise on a Redis Cluster. At full size: <c>DUBCLERK_CLUSTER_MINUTES=10</c>; a run again: <c>DUBCLERK_CHAOS_SEED</c>; what is lost when no
/// replica is waited for, and the test then fails: <c>DUBCLERK_CLUSTER_REPLICAS=0</c>.</summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    private static readonly int Minutes = Setting("DUBCLERK_CLUSTER_MINUTES") ?? 1;
    private static readonly int PerSecond = Setting("DUBCLERK_CLUSTER_RATE") ?? 8;
    private static readonly int Replicas = Setting("DUBCLERK_CLUSTER_REPLICAS") ?? 1;
    private static readonly int Seed = Setting("DUBCLERK_CHAOS_SEED") ?? Environment.TickCount;

    [Fact]
    public async Task NodesAndHostsDieHangAndMove_EverySignUpIsOneLeadAndCountersEqualEvents()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        output.WriteLine($"seed {Seed}");

        var run = await ClusterRun.RunAsync(TimeSpan.FromMinutes(Minutes), PerSecond, Replicas, Seed, output.WriteLine);

        var load = run.Load;
        output.WriteLine(run.Report);
        output.WriteLine($"Acknowledged and gone: {load.Leads.Select(lead => lead.UserId).Except(run.OwnLeads.Select(lead => lead.UserId)).Count()} sign-ups, {load.Clicks.Except(run.OwnClicks).Count()} clicks, {load.Sales.Except(run.OwnSales).Count()} sales");
        Assert.Empty(load.Wrong);
        Assert.Equal((0, 0), (run.Waiting, run.Dead));
        Assert.Equal(load.Leads.Select(lead => (lead.UserId, lead.ClickId)).Order(), run.OwnLeads.Order());
        Assert.Equal(load.Leads.Where(lead => lead.IsDubs).Select(lead => (lead.UserId, lead.ClickId)).Order(), run.DubLeads.Order());
        Assert.Equal(load.Sales.Order(), run.OwnSales.Order());
        Assert.Empty(load.Clicks.Except(run.OwnClicks));
        Assert.Equal(run.OwnClicks.Count, run.OwnClicks.Distinct().Count());
        Assert.Equal((run.OwnClicks.Count, run.OwnLeads.Count, run.OwnSales.Count, run.OwnSales.Sum(sale => sale.Amount)), run.Counted);
    }

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
