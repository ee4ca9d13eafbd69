using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>Three hosts on a Redis Cluster of six nodes under a steady load, while nodes and hosts die, hang and come back, slots move and Dub stalls: what
/// is there in the end.</summary>
internal sealed class ClusterRun
{
    /// <summary>How fast the clock runs when nothing arrives any more and what waits for a lease or a next try is waited for.</summary>
    private const double EndSpeed = 10;

    private const int HostCount = 3;
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan BetweenFaults = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    public required ClusterLoad Load { get; init; }

    /// <summary>Customer and click of every lead, as our own API lists them.</summary>
    public required IReadOnlyList<(string UserId, string ClickId)> OwnLeads { get; init; }

    /// <summary>The same at Dub.</summary>
    public required IReadOnlyList<(string UserId, string ClickId)> DubLeads { get; init; }

    public required IReadOnlyList<(string Invoice, long Amount)> OwnSales { get; init; }

    public required IReadOnlyList<string> OwnClicks { get; init; }

    /// <summary>Clicks, leads, sales and their amount by the counters.</summary>
    public required (long Clicks, long Leads, long Sales, long Amount) Counted { get; init; }

    public required long Waiting { get; init; }

    public required long Dead { get; init; }

    public required string Report { get; init; }

    /// <param name="duration">How long the load and the faults go on.</param>
    /// <param name="perSecond">People who come each second.</param>
    /// <param name="replicas">How many replicas must hold a write.</param>
    /// <param name="seed">Decides who does what, and what fails when.</param>
    /// <param name="say">Told how it goes.</param>
    public static async Task<ClusterRun> RunAsync(TimeSpan duration, int perSecond, int replicas, int seed, Action<string> say)
    {
        var folder = Directory.CreateTempSubdirectory("dub-cluster-");
        var clockFile = Path.Combine(folder.FullName, "clock");
        try
        {
            using var clock = SharedClock.Create(clockFile);
            await using var cluster = await RedisClusterFixture.StartAsync(RedisClusterFixture.QuickFailover);
            await using var storm = await Storm.StartAsync(seed, clock, Hold, share: 0);
            await using var watch = new OutboxWatch(cluster.Connection, clock);
            var store = cluster.ConfigurationOptions;
            (store.AsyncTimeout, store.ConnectTimeout) = (3000, 1000);
            await using var hosts = await Hosts.StartAsync(
                folder.FullName, clockFile, store, storm, HostCount,
                new Dictionary<string, string?> { ["DubClerk__ReplicasPerWrite"] = replicas.ToString(CultureInfo.InvariantCulture), ["DubClerk__ApiRequestsPerMinute"] = "1000000", ["DubClerk__ShortDomains__0"] = "127.0.0.1" });
            return await RunAsync(duration, perSecond, seed, say, clock, cluster, storm, watch, hosts);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<ClusterRun> RunAsync(
        TimeSpan duration, int perSecond, int seed, Action<string> say, SharedClock clock, RedisClusterFixture cluster, Storm storm, OutboxWatch watch, Hosts hosts)
    {
        var started = Stopwatch.GetTimestamp();
        using var api = new HttpClient { BaseAddress = hosts.Addresses[0], Timeout = TimeSpan.FromMinutes(1) };
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Hosts.ApiKey);
        await api.PostPatientlyAsync("/links", new { url = "https://example.com/", domain = "127.0.0.1", key = ClusterLoad.LinkKey, trackConversion = true });
        using var load = new ClusterLoad(hosts.Addresses, storm, clock, new Random(seed));
        var faults = new ClusterFaults(cluster, hosts, storm, new Random(seed));
        using var stop = new CancellationTokenSource(duration);
        using var deadline = new CancellationTokenSource(duration + Longest);
        var breaking = faults.RunAsync(BetweenFaults, fault => say($"{Elapsed(started)}: {fault}"), stop.Token);
        var loading = load.RunAsync(perSecond, stop.Token);
        try
        {
            if (await Task.WhenAny(breaking, loading) == breaking)
            {
                await breaking;
            }

            await loading.WaitAsync(deadline.Token);
            await breaking.WaitAsync(deadline.Token);
            say($"{Elapsed(started)}: everything acknowledged");
            clock.SetSpeed(EndSpeed);
            await watch.EmptyAsync(clock, deadline.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"Not over after {duration + Longest}: {faults.Report}\n{load.Report}\n{string.Join('\n', load.Wrong.Take(10))}\n{await watch.DescribeAsync()}", e);
        }

        clock.Jump(TimeSpan.FromMinutes(1));
        await Poll.UntilAsync(() => storm.Dub.IsIdle, "Dub has recorded what it acknowledged");
        var (waiting, dead) = await watch.MeasureAsync();
        var counted = await api.GetPatientlyAsync<JsonElement>("/analytics?event=composite&interval=all");
        return new ClusterRun
        {
            Load = load,
            OwnLeads = [.. (await ListAsync(api, "leads")).Select(lead => (lead.GetProperty("customer").GetProperty("externalId").GetString()!, lead.GetProperty("click").GetProperty("id").GetString()!))],
            DubLeads = [.. storm.Dub.Leads.Select(lead => (lead.CustomerExternalId, lead.ClickId))],
            OwnSales = [.. (await ListAsync(api, "sales")).Select(sale => (sale.GetProperty("sale").GetProperty("invoiceId").GetString()!, sale.GetProperty("sale").GetProperty("amount").GetInt64()))],
            OwnClicks = [.. (await ListAsync(api, "clicks")).Select(click => click.GetProperty("click").GetProperty("id").GetString()!)],
            Counted = (Of("clicks"), Of("leads"), Of("sales"), Of("saleAmount")),
            Waiting = waiting,
            Dead = dead,
            Report = string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {Elapsed(started)}, {load.Leads.Count} sign-ups; {faults.Report}\n\n{load.Report}"),
        };

        long Of(string count) => counted.GetProperty(count).GetInt64();
    }

    private static async Task<List<JsonElement>> ListAsync(HttpClient api, string kind)
    {
        const int pageSize = 1000;
        var all = new List<JsonElement>();
        for (var page = 1; ; page++)
        {
            var found = await api.GetPatientlyAsync<JsonElement[]>(string.Create(CultureInfo.InvariantCulture, $"/events?event={kind}&interval=all&limit={pageSize}&page={page}"));
            all.AddRange(found);
            if (found.Length < pageSize)
            {
                return all;
            }
        }
    }

    private static string Elapsed(long started) => string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
}
