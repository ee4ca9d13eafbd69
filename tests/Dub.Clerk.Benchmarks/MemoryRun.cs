using System.Globalization;
using Dub.Clerk.Analytics;
using Dub.Clerk.Clerk;
using Dub.Clerk.Conversions;
using Dub.Clerk.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Benchmarks;

/// <summary>How much memory redis-server needs for a million of each thing.</summary>
internal static class MemoryRun
{
    private const int AtOnce = 64;

    /// <param name="count">How many of each are stored to find out.</param>
    public static async Task RunAsync(int count)
    {
        await using var store = await TestStore.StartAsync(StoreKind.Redis);
        await using var host = new TestHost(store.Connection, TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow();
        var link = await host.ClickAsync(now, fromDub: true);
        Console.WriteLine("| a million of | memory in redis-server |\n|---|---|");
        await MeasureAsync("clicks, each of a visitor of its own", number => host.Clicks.RecordOnceAsync(Click(link, $"visitor{number}"), $"visitor{number}"));
        await MeasureAsync("sign-ups without a click", number => host.SignUps.UserCreatedAsync(
            new ClerkAccount { UserId = $"user_2abcdefghijklmnopqr{number:D8}", CreatedAt = now, FirstName = "Ada", LastName = "Byron", Email = $"ada{number}@example.org" }, CancellationToken.None));
        await MeasureAsync("leads, each with its customer", number => host.Conversions.TrackLeadAsync(new LeadRequest
        {
            CustomerExternalId = $"user_3abcdefghijklmnopqr{number:D8}",
            Click = link,
            EventName = "Sign up",
            CustomerName = "Ada Byron",
            CustomerEmail = $"ada{number}@example.org",
        }));
        await MeasureAsync("sales, each with an invoice", number => host.Get<IConversions>().TrackSaleAsync(
            new Sale { CustomerExternalId = $"user_3abcdefghijklmnopqr{number:D8}", Amount = 4900, InvoiceId = $"in_{number:D16}" }));

        async Task MeasureAsync(string what, Func<int, Task> record)
        {
            var before = await UsedAsync();
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) => await record(number));
            await host.Get<Rollup>().FoldAsync(CancellationToken.None);
            var each = (await UsedAsync() - before) / (double)count;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {each / 1e3:F2} GB |"));
        }

        async Task<long> UsedAsync()
        {
            var configuration = ConfigurationOptions.Parse(store.ConnectionString);
            configuration.AllowAdmin = true;
            await using var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
            var info = await connection.GetServers()[0].InfoAsync("memory");
            return long.Parse(info.SelectMany(section => section).First(line => line.Key == "used_memory_dataset").Value, CultureInfo.InvariantCulture);
        }
    }

    private static Click Click(Click like, string visitor) => like with
    {
        Id = ClickStore.NewId(like.LinkId, visitor),
        UserAgent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
        Country = "DE",
        City = "Berlin",
        Device = "Desktop",
        Browser = "Chrome",
        Os = "Mac OS",
        Referrer = "https://news.example.com/a/long/page",
    };
}
