using System.Globalization;
using Dub.Clerk.Host.Network;
using StackExchange.Redis;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>Hosts on one store and one clock, each a process of its own, killed now and then without notice.</summary>
internal sealed class Hosts : IAsyncDisposable
{
    public const string App = "https://app.example.com";
    public const string ApiKey = "dub_test_0123456789abcdef";

    private readonly string _clockFile;
    private readonly Dictionary<string, string?>[] _environments;
    private readonly HostProcess?[] _processes;

    private Hosts(string clockFile, Dictionary<string, string?>[] environments)
    {
        _clockFile = clockFile;
        _environments = environments;
        _processes = new HostProcess?[environments.Length];
        Addresses = [.. environments.Select(environment => new Uri(environment["ASPNETCORE_URLS"]!))];
    }

    public IReadOnlyList<Uri> Addresses { get; }

    /// <summary>How often a host was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>How often the redis-server was.</summary>
    public int StoreKills { get; private set; }

    /// <param name="folder">For their data.</param>
    /// <param name="clockFile">Their clock.</param>
    /// <param name="store">How they reach the store.</param>
    /// <param name="storm">Their Dub and Clerk.</param>
    /// <param name="count">How many.</param>
    /// <param name="settings">Further settings.</param>
    public static async Task<Hosts> StartAsync(
        string folder, string clockFile, ConfigurationOptions store, Storm storm, int count = 2, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var hosts = new Hosts(clockFile, [.. Enumerable.Range(0, count).Select(host => Environment(Path.Combine(folder, $"host-{host}"), store, storm, settings))]);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(hosts.StartAsync));
            return hosts;
        }
        catch
        {
            await hosts.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills and restarts until it is told to stop; then everything runs again.</summary>
    public async Task KillAtRandomAsync(Random random, RedisServerFixture redis, TimeSpan pause, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(pause * (0.5 + random.NextDouble()), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
            {
                return;
            }

            var victim = random.Next(5);
            var away = TimeSpan.FromSeconds(random.NextDouble() / 2);
            if (victim == 4)
            {
                redis.Kill();
                StoreKills++;
                await Task.Delay(away, CancellationToken.None);
                await redis.RestartAsync();
            }
            else
            {
                _processes[victim % 2]!.Kill();
                await Task.Delay(away, CancellationToken.None);
                await RestartAsync(victim % 2);
            }
        }
    }

    /// <summary>Kills one, and starts it again.</summary>
    public async Task RestartAsync(int host)
    {
        _processes[host]!.Kill();
        Kills++;
        await StartAsync(host);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.OfType<HostProcess>())
        {
            await process.DisposeAsync();
        }
    }

    private static Dictionary<string, string?> Environment(string dataFolder, ConfigurationOptions store, Storm storm, IReadOnlyDictionary<string, string?>? settings)
    {
        var clerk = storm.Clerk.Instance;
        return new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>())
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}"),
            ["ConnectionStrings__Redis"] = store.ToString(),
            ["CLERK_PUBLISHABLE_KEY"] = clerk.PublishableKey,
            ["CLERK_JWT_KEY"] = clerk.PublicKeyPem,
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.WebhookSecret,
            ["CLERK_SECRET_KEY"] = storm.Clerk.SecretKey,
            ["CLERK_API_URL"] = storm.Clerk.Address.ToString(),
            ["DUB_API_KEY"] = storm.Dub.ApiKey,
            ["DUB_API_URL"] = storm.Dub.Address.ToString(),
            ["DUBCLERK_API_KEY"] = ApiKey,
            ["DUBCLERK_DATA_DIR"] = dataFolder,
            ["DubClerk__AuthorizedParties__0"] = App,
            ["DubClerk__DubRequestsPerMinute"] = "100000",
            ["DubClerk__ClerkRequestsPerMinute"] = "6000",
            ["Logging__LogLevel__Default"] = "Warning",
            ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
        };
    }

    private async Task StartAsync(int host)
    {
        if (_processes[host] is { } last)
        {
            _processes[host] = null;
            await last.DisposeAsync();
        }

        _processes[host] = await HostProcess.ServeOnAsync(_clockFile, _environments[host]);
    }
}
