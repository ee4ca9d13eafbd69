using System.Diagnostics;
using System.Globalization;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Benchmarks;

/// <summary>Webhooks in a second with one, two and three hosts on a Redis Cluster, everything on one machine.</summary>
internal static class HostCountRun
{
    private const int Senders = 64;

    /// <param name="seconds">With each number of hosts.</param>
    public static async Task RunAsync(int seconds)
    {
        using var clerk = new ClerkStandIn();
        await using var store = await TestStore.StartAsync(StoreKind.Cluster);
        Uri[] addresses = [.. Enumerable.Range(0, 3).Select(_ => new Uri($"http://127.0.0.1:{FreePort.Next()}"))];
        var hosts = await Task.WhenAll(addresses.Select(address => SteadyLoad.ServeAsync(clerk, store.ConnectionString, address)));
        using var client = new HttpClient();
        var load = new SteadyLoad(clerk);
        try
        {
            await SendAsync(addresses);
            Console.WriteLine("| hosts | webhooks/s | time on a core for each, all hosts |\n|---|---|---|");
            for (var count = 1; count <= addresses.Length; count++)
            {
                var before = hosts.Sum(host => host.ProcessorTime.TotalMicroseconds);
                var sent = await SendAsync(addresses[..count]);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"| {count} | {(double)sent / seconds:N0} | {(hosts.Sum(host => host.ProcessorTime.TotalMicroseconds) - before) / sent:F0} µs |"));
            }
        }
        finally
        {
            foreach (var host in hosts)
            {
                await host.DisposeAsync();
            }
        }

        async Task<int> SendAsync(Uri[] to)
        {
            var (sent, started) = (0, Stopwatch.GetTimestamp());
            await Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
            {
                while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
                {
                    using var request = load.Webhook();
                    request.RequestUri = new Uri(to[sender % to.Length], request.RequestUri!);
                    using var response = await client.SendAsync(request);
                    response.EnsureSuccessStatusCode();
                    Interlocked.Increment(ref sent);
                }
            }));
            return sent;
        }
    }
}
