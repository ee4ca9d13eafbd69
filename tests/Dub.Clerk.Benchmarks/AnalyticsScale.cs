using System.Diagnostics;
using System.Globalization;
using Dub.Clerk.Analytics;
using Dub.Clerk.Conversions;
using Dub.Clerk.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Benchmarks;

/// <summary>How long a question about 90 days takes, and what the events weigh in the store, as they become more.</summary>
internal static class AnalyticsScale
{
    private static readonly EventKind[] Kinds = Enum.GetValues<EventKind>();
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    public static async Task RunAsync(IEnumerable<int> sizes, int seed)
    {
        Console.WriteLine("| store | events | recorded/s | summed up/s | store | count | by day | by country | by referring page | top links | one link by browser | country and device: reads events |\n|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var kind in Enum.GetValues<StoreKind>().Where(kind => TestStore.MissingReason(kind) is null))
        {
            await using var store = await TestStore.StartAsync(kind);
            await using var host = new TestHost(store.Connection, TimeProvider.System);
            var (random, recorded) = (new Random(seed), 0);
            foreach (var size in sizes)
            {
                var (before, recording) = (recorded, Stopwatch.StartNew());
                while (recorded < size)
                {
                    var batch = Math.Min(1000, size - recorded);
                    await Task.WhenAll(Enumerable.Range(0, batch).Select(at => host.Events.RecordClickAsync(AnyClick(random, (recorded + at - before) / (double)(size - before)))));
                    recorded += batch;
                }

                recording.Stop();
                var folding = Stopwatch.StartNew();
                await host.Get<Rollup>().FoldAsync(CancellationToken.None);
                folding.Stop();
                var (analytics, now) = (host.Get<AnalyticsService>(), DateTimeOffset.UtcNow);
                var period = Period.UntilNow(now.AddDays(-90), now, Granularity.Day, Berlin);
                EventFilter Where(params DimensionFilter[] filters) => new() { Dimensions = filters };
                DimensionFilter Is(Dimension dimension, string value) => new(dimension, new HashSet<string> { value });
                string[] times =
                [
                    await TimeAsync(() => analytics.CountAsync(period, Kinds, EventFilter.None, CancellationToken.None)),
                    await TimeAsync(() => analytics.ByPartAsync(period, Kinds, EventFilter.None, CancellationToken.None)),
                    await TimeAsync(() => analytics.ByValueAsync(Dimension.Country, period, Kinds, EventFilter.None, CancellationToken.None)),
                    await TimeAsync(() => analytics.ByValueAsync(Dimension.RefererUrl, period, Kinds, EventFilter.None, CancellationToken.None)),
                    await TimeAsync(() => analytics.ByValueAsync(Dimension.Link, period, Kinds, EventFilter.None, CancellationToken.None)),
                    await TimeAsync(() => analytics.ByValueAsync(Dimension.Browser, period, Kinds, Where(Is(Dimension.Link, "link_7")), CancellationToken.None)),
                    await TimeAsync(() => analytics.CountAsync(period, Kinds, Where(Is(Dimension.Country, "C7"), Is(Dimension.Device, "Mobile")), CancellationToken.None), runs: 1),
                ];
                var memory = await MemoryAsync(kind, store);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} | {size:N0} | {(recorded - before) / recording.Elapsed.TotalSeconds:N0} | {(recorded - before) / folding.Elapsed.TotalSeconds:N0} | {memory} | {string.Join(" | ", times)} |"));
            }
        }
    }

    private static async Task<string> TimeAsync<T>(Func<Task<T>> question, int runs = 5)
    {
        var times = new List<double>();
        for (var run = 0; run < runs; run++)
        {
            var watch = Stopwatch.StartNew();
            await question();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        return times.Order().ElementAt(runs / 2).ToString("N0", CultureInfo.InvariantCulture) + " ms";
    }

    private static async Task<string> MemoryAsync(StoreKind kind, TestStore store)
    {
        if (kind != StoreKind.Redis)
        {
            return "in process";
        }

        var configuration = ConfigurationOptions.Parse(store.ConnectionString);
        configuration.AllowAdmin = true;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
        var info = await connection.GetServers()[0].InfoAsync("memory");
        return info.SelectMany(section => section).First(line => line.Key == "used_memory_human").Value;
    }

    /// <summary>300 links in 90 days; as many countries, cities, pages and browsers as a busy site sees, the common ones most. In the order
    /// of time, as they happen.</summary>
    private static Click AnyClick(Random random, double at)
    {
        int Skewed(int count) => (int)(Math.Pow(random.NextDouble(), 3) * count);
        var (country, link) = (Skewed(120), Skewed(300));
        return new Click
        {
            Id = Ids.NewEvent(),
            Timestamp = DateTimeOffset.UtcNow.AddDays((at - 1) * 90),
            LinkId = $"link_{link}",
            Domain = "go.example.com",
            Key = $"k{link}",
            Url = $"https://example.com/p{link}?utm_source=s{link % 5}&utm_medium=m{link % 3}",
            UserAgent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
            Continent = $"T{country % 6}",
            Country = $"C{country}",
            Region = $"R{Skewed(8)}",
            City = $"City {Skewed(40)}",
            Device = Skewed(3) switch { 0 => "Desktop", 1 => "Mobile", _ => "Tablet" },
            Browser = $"B{Skewed(12)}",
            Os = $"O{Skewed(8)}",
            Referrer = random.Next(3) == 0 ? null : $"https://site{Skewed(200)}.example/page/{Skewed(20)}",
        };
    }
}
