using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>So many sign-ups through two hosts that are killed, on a redis-server that is killed, to a Dub and a Clerk that fail: what is there in the end.</summary>
internal sealed class ChaosRun
{
    /// <summary>How fast the clock runs while somebody may be waiting for an answer: a time-out of ten seconds is one.</summary>
    private const double Speed = 10;

    /// <summary>While requests arrive, whose own time-outs are shorter.</summary>
    private const double ArrivalSpeed = 2;

    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(30);

    /// <summary>What Dub and Clerk have.</summary>
    public required Tally Tally { get; init; }

    /// <summary>The leads that our own API lists: whose, and of which click.</summary>
    public required IReadOnlyList<(string UserId, string ClickId)> OwnLeads { get; init; }

    /// <summary>The leads there must be.</summary>
    public required IReadOnlyList<(string UserId, string ClickId)> Expected { get; init; }

    public required long Waiting { get; init; }

    public required long Dead { get; init; }

    /// <summary>Figures of the run.</summary>
    public required string Report { get; init; }

    /// <param name="signUps">How many.</param>
    /// <param name="seed">Decides who and what comes when, and what fails.</param>
    /// <param name="atMost">Real time after which it is given up.</param>
    /// <param name="say">Told how it goes.</param>
    public static async Task<ChaosRun> RunAsync(int signUps, int seed, TimeSpan atMost, Action<string> say)
    {
        var folder = Directory.CreateTempSubdirectory("dub-chaos-");
        var clockFile = Path.Combine(folder.FullName, "clock");
        try
        {
            using var clock = SharedClock.Create(clockFile, speed: ArrivalSpeed);
            await using var redis = await RedisServerFixture.StartAsync();
            await using var storm = await Storm.StartAsync(seed, clock, Hold);
            await using var watch = new OutboxWatch(redis.Connection, clock);
            await using var hosts = await Hosts.StartAsync(folder.FullName, clockFile, redis.ConfigurationOptions, storm);
            return await RunAsync(signUps, seed, atMost, say, clock, redis, storm, watch, hosts);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<ChaosRun> RunAsync(
        int signUps, int seed, TimeSpan atMost, Action<string> say, SharedClock clock, RedisServerFixture redis, Storm storm, OutboxWatch watch, Hosts hosts)
    {
        var (started, began, random) = (Stopwatch.GetTimestamp(), clock.GetUtcNow(), new Random(seed));
        var population = new Population(signUps, seed, began);
        population.Settle(storm.Dub, storm.Clerk);
        using var deliveries = new Deliveries(population, random, hosts.Addresses, storm, clock);
        using var deadline = new CancellationTokenSource(atMost);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
        var killing = hosts.KillAtRandomAsync(new Random(seed), redis, pause: TimeSpan.FromSeconds(3), enough.Token);
        var saying = SayAsync();
        var jumps = 0;
        try
        {
            await UnlessAsync(killing, deliveries.RunAsync(deadline.Token));
            say($"{Elapsed(started)}: {deliveries.Sent} deliveries, everything acknowledged");
            clock.SetSpeed(Speed);
            jumps = await UnlessAsync(killing, watch.EmptyAsync(clock, deadline.Token));
            say($"{Elapsed(started)}: nothing waits any more");
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            await killing;
            throw new TimeoutException($"Not over after {atMost}:\n{await watch.DescribeAsync()}\n{storm.Describe()}", e);
        }
        finally
        {
            await enough.CancelAsync();
            await saying;
            await killing;
        }

        clock.Jump(TimeSpan.FromMinutes(1));
        await Poll.UntilAsync(() => storm.Dub.IsIdle, "Dub has recorded what it acknowledged");
        var (waiting, dead) = await watch.MeasureAsync();
        return new ChaosRun
        {
            Tally = Tally.Take(population, storm.Dub, storm.Clerk),
            OwnLeads = await ListLeadsAsync(hosts.Addresses[0]),
            Expected = [.. population.People.Where(person => person.Due is not null).Select(person => (person.UserId, person.Due!))],
            Waiting = waiting,
            Dead = dead,
            Report = string.Create(
                CultureInfo.InvariantCulture,
                $"seed {seed}: {signUps} sign-ups and {population.People.Count - signUps} others, {deliveries.Sent} deliveries, {deliveries.LostWebhooks} webhooks lost; {hosts.Kills} hosts and {hosts.StoreKills} stores killed; {Elapsed(started)} for {(clock.GetUtcNow() - began).TotalDays:F1} days of the clock, {jumps} jumps\n{storm.Describe()}"),
        };

        async Task SayAsync()
        {
            while (!enough.IsCancellationRequested)
            {
                await Task.Delay(SayEvery, enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                say(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Elapsed(started)}: {deliveries.Sent} of about {deliveries.Planned} deliveries, {storm.Dub.Leads.Count} leads at Dub, {(clock.GetUtcNow() - began).TotalHours:F1} h of the clock"));
            }
        }
    }

    /// <summary>Waits for the work, unless what goes on beside it fails.</summary>
    private static async Task<T> UnlessAsync<T>(Task beside, Task<T> work)
    {
        if (await Task.WhenAny(beside, work) == beside)
        {
            await beside;
        }

        return await work;
    }

    private static Task<bool> UnlessAsync(Task beside, Task work)
    {
        return UnlessAsync(beside, Completed());

        async Task<bool> Completed()
        {
            await work;
            return true;
        }
    }

    private static async Task<IReadOnlyList<(string UserId, string ClickId)>> ListLeadsAsync(Uri host)
    {
        const int pageSize = 1000;
        using var http = new HttpClient { BaseAddress = host };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Hosts.ApiKey);
        var leads = new List<(string, string)>();
        for (var page = 1; ; page++)
        {
            var found = await http.GetPatientlyAsync<JsonElement[]>(string.Create(CultureInfo.InvariantCulture, $"/events?event=leads&limit={pageSize}&page={page}"));
            leads.AddRange(found.Select(lead => (lead.GetProperty("customer").GetProperty("externalId").GetString()!, lead.GetProperty("click").GetProperty("id").GetString()!)));
            if (found.Length < pageSize)
            {
                return leads;
            }
        }
    }

    private static string Elapsed(long started) => string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
}
