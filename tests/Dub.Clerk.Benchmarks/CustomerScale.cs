using System.Diagnostics;
using System.Globalization;
using Dub.Clerk.Conversions;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Benchmarks;

/// <summary>What a lead costs as customers become more: time on a core, of this process and of the store. With Garnet both are one.</summary>
internal static class CustomerScale
{
    private const int Measured = 4_000;
    private const int AtOnce = 32;
    private const int Rounds = 5;

    /// <param name="only">One store, by its name; null for all.</param>
    /// <param name="most">How many customers in the end.</param>
    public static async Task RunAsync(string? only, int most)
    {
        Console.WriteLine("| store | customers | of this process | of redis-server | both, of the first |\n|---|---|---|---|---|");
        foreach (var kind in Enum.GetValues<StoreKind>().Where(kind => (only is null || $"{kind}" == only) && TestStore.MissingReason(kind) is null))
        {
            await using var store = await TestStore.StartAsync(kind);
            await using var host = new TestHost(store.Connection, TimeProvider.System);
            var click = await host.ClickAsync(TimeProvider.System.GetUtcNow());
            var (customers, first) = (0, 0.0);
            foreach (var size in (int[])[1_000, most])
            {
                while (customers < size)
                {
                    customers += await TrackAsync(host, click, customers, Math.Min(20_000, size - customers));
                }

                var costs = new List<(double Host, double Store)>();
                for (var round = 0; round < Rounds; round++)
                {
                    var (process, server) = (Environment.CpuUsage.TotalTime, StoreProcesses.Time());
                    customers += await TrackAsync(host, click, customers, Measured);
                    costs.Add(((Environment.CpuUsage.TotalTime - process).TotalMicroseconds / Measured, (StoreProcesses.Time() - server).TotalMicroseconds / Measured));
                }

                var (ours, theirs) = costs.OrderBy(cost => cost.Host + cost.Store).ElementAt(Rounds / 2);
                first = first == 0 ? ours + theirs : first;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} | {size:N0} | {ours:F0} µs | {theirs:F0} µs | {(ours + theirs) / first:F2} |"));
            }
        }
    }

    private static async Task<int> TrackAsync(TestHost host, Click click, int from, int count)
    {
        await Parallel.ForAsync(from, from + count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) => await host.Conversions.TrackLeadAsync(new LeadRequest
        {
            CustomerExternalId = string.Create(CultureInfo.InvariantCulture, $"user_{number:D9}"),
            Click = click,
            EventName = "Sign up",
            CustomerName = "Ada Byron",
            CustomerEmail = string.Create(CultureInfo.InvariantCulture, $"ada{number}@example.org"),
        }));
        return count;
    }
}

/// <summary>The redis-servers that this process started.</summary>
internal static class StoreProcesses
{
    /// <summary>Their time on a core.</summary>
    public static TimeSpan Time() => Process.GetProcessesByName("redis-server").Where(IsOurs).Aggregate(TimeSpan.Zero, (sum, process) => sum + process.TotalProcessorTime);

    private static bool IsOurs(Process process)
        => File.Exists($"/proc/{process.Id}/stat") && File.ReadAllText($"/proc/{process.Id}/stat").Split(") ")[^1].Split(' ')[1] == $"{Environment.ProcessId}";
}
