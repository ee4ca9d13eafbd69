using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Benchmarks;

/// <summary>What strangers' requests, as many as the good ones, do to the good ones: their 99th percentile, the host's memory, and its time on a core for
/// each hostile request. In turns with the good ones alone, so that a busy machine weighs on both.</summary>
internal static class HostileRun
{
    private const int Turns = 3;

    /// <param name="seconds">Of each turn.</param>
    /// <param name="perSecond">Good requests, half webhooks and half signed in; and as many hostile ones.</param>
    public static async Task RunAsync(int seconds, int perSecond)
    {
        using var clerk = new ClerkStandIn();
        await using var store = await TestStore.StartAsync(StoreKind.Redis);
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        await using var host = await SteadyLoad.ServeAsync(clerk, store.ConnectionString, address);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address };
        using var stranger = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address };
        var (load, duration, megabyte) = (new SteadyLoad(clerk), TimeSpan.FromSeconds(seconds), new byte[1024 * 1024]);
        (string Name, Func<HttpRequestMessage> Make)[] attacks =
        [
            ("webhooks with a forged signature", () => Forged(load.Webhook())),
            ("the same with 1 MiB", () => Forged(load.Webhook(), megabyte)),
            ("session tokens with a forged signature", () => WithToken(clerk, isForged: true)),
            ("valid sessions that bring a made-up click each time", () => WithToken(clerk, isForged: false)),
        ];
        await GoodAsync();

        Console.WriteLine("| hostile requests | webhooks' p99 | alone | signed-in p99 | alone | good ones refused | host's time for a hostile one | resident |\n|---|---|---|---|---|---|---|---|");
        foreach (var (name, make) in attacks)
        {
            var (alone, beside, costs) = (new List<Good>(), new List<Good>(), new List<double>());
            for (var turn = 0; turn < Turns; turn++)
            {
                alone.Add(await GoodAsync());
                var hostile = SteadyLoad.SendAsync(perSecond, duration, _ => make(), stranger);
                beside.Add(await GoodAsync());
                costs.Add((beside[^1].Busy - alone[^1].Busy) * 1e6 / ((await hostile).Rate * seconds));
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {Median(beside, good => good.Webhooks):F1} ms | {Median(alone, good => good.Webhooks):F1} ms | {Median(beside, good => good.SignedIn):F1} ms | {Median(alone, good => good.SignedIn):F1} ms | {beside.Sum(good => good.Refused)} | {costs.Order().ElementAt(Turns / 2):F0} µs | {host.Holds().Resident / 1e6:F0} MB |"));
        }

        async Task<Good> GoodAsync()
        {
            var before = host.ProcessorTime;
            var hooks = SteadyLoad.SendAsync(perSecond / 2, duration, _ => load.Webhook(), client);
            var signedIn = SteadyLoad.SendAsync(perSecond / 2, duration, load.SignedIn, client);
            var ((_, hookP99, hookFaults), (_, p99, faults)) = (await hooks, await signedIn);
            return new Good(hookP99, p99, hookFaults + faults, (host.ProcessorTime - before).TotalSeconds);
        }
    }

    private static double Median(List<Good> turns, Func<Good, double> of) => turns.Select(of).Order().ElementAt(Turns / 2);

    private static HttpRequestMessage Forged(HttpRequestMessage delivery, byte[]? body = null)
    {
        delivery.Headers.Remove("svix-signature");
        delivery.Headers.Add("svix-signature", "v1," + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        if (body is not null)
        {
            delivery.Content = new ByteArrayContent(body);
        }

        return delivery;
    }

    private static HttpRequestMessage WithToken(ClerkStandIn clerk, bool isForged)
    {
        var token = clerk.MintSessionToken("user_stranger", DateTimeOffset.UtcNow);
        if (isForged)
        {
            var signature = Convert.ToBase64String(RandomNumberGenerator.GetBytes(256)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
            token = string.Concat(token.AsSpan(0, token.LastIndexOf('.') + 1), signature);
        }

        var request = new HttpRequestMessage(HttpMethod.Get, "/attribution") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        request.Headers.Add("Cookie", "dub_id=" + Ids.NewEvent());
        return request;
    }

    /// <param name="Webhooks">Their 99th percentile, milliseconds.</param>
    /// <param name="SignedIn">That of signed-in requests.</param>
    /// <param name="Refused">How many were no success.</param>
    /// <param name="Busy">The host's time on a core, seconds.</param>
    private readonly record struct Good(double Webhooks, double SignedIn, int Refused, double Busy);
}
