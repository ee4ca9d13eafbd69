using System.Globalization;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Benchmarks;

/// <summary>Webhooks and signed-in requests at a steady pace against a host of its own process on redis-server, and what the host holds after each minute.</summary>
internal static class SoakRun
{
    /// <param name="minutes">How long.</param>
    /// <param name="webhooks">In a second.</param>
    /// <param name="requests">Signed in, in a second.</param>
    public static async Task RunAsync(int minutes, int webhooks, int requests)
    {
        using var clerk = new ClerkStandIn();
        await using var store = await TestStore.StartAsync(StoreKind.Redis);
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        await using var host = await SteadyLoad.ServeAsync(clerk, store.ConnectionString, address);
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = address };
        var load = new SteadyLoad(clerk);
        Console.WriteLine("| minute | webhooks/s | p99 | signed in/s | p99 | refused or failed | resident | handles | threads |\n|---|---|---|---|---|---|---|---|---|");
        for (var minute = 1; minute <= minutes; minute++)
        {
            var hooks = SteadyLoad.SendAsync(webhooks, TimeSpan.FromMinutes(1), _ => load.Webhook(), client);
            var signedIn = SteadyLoad.SendAsync(requests, TimeSpan.FromMinutes(1), load.SignedIn, client);
            var ((hookRate, hookP99, hookFaults), (rate, p99, faults)) = (await hooks, await signedIn);
            var (resident, handles, threads) = host.Holds();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {minute} | {hookRate:N0} | {hookP99:F1} ms | {rate:N0} | {p99:F1} ms | {hookFaults + faults} | {resident / 1e6:F0} MB | {handles} | {threads} |"));
        }
    }
}
