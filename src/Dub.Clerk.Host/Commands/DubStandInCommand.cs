using System.CommandLine;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>dub-stand-in</c>: a Dub of our own on this machine, to develop against and to test with.</summary>
internal static class DubStandInCommand
{
    private const int Port = 5090;

    private static readonly Option<string?> Urls = new("--urls") { Description = $"Where it listens, on loopback. Default: http://127.0.0.1:{Port}." };
    private static readonly Option<int?> PortOnly = new("--port") { Description = $"The port on 127.0.0.1, in place of --urls; 0 takes a free one. Default: {Port}." };
    private static readonly Option<string?> ApiKey = new("--api-key") { Description = "The key it knows, dub_…. Default: one is made up, and shown." };
    private static readonly Option<int?> Seed = new("--seed") { Description = "Decides which calls fail. Default: another each time, and shown, so that a run can be repeated." };
    private static readonly Option<int?> Limit = new("--limit") { Description = "Calls per minute, events apart. Default: 1200." };
    private static readonly Option<double?> Faults = new("--faults")
    {
        Description = "The share of calls that fail, from 0 to 1, in all the ways that a client can outlast. Default: 0.",
    };

    private static readonly Option<string?> Clock = new("--clock") { Description = "The file of a clock shared with other processes; made when it is not there. Default: the machine's clock." };
    private static readonly Option<double?> Speed = new("--speed")
    {
        Description = "How many times faster than real time the clock runs: at 8640, seven days are 70 s. Needs --clock. Default: 1.",
    };

    private static readonly Option<string?> Webhook = new("--webhook") { Description = "Where its webhooks go, such as http://localhost:5080/webhooks/dub. Default: nowhere." };
    private static readonly Option<string?> WebhookSecret = new("--webhook-secret") { Description = "Signs them, whsec_…. Default: one is made up, and shown." };

    public static Command Create()
    {
        var command = new CommandWithExamples(
            "dub-stand-in", "Run a stand-in for Dub's API, with Dub's behaviour, limits and faults on demand. For development only.",
            "dub-stand-in --faults 0.3",
            "dub-stand-in --clock week.clock --speed 8640 --webhook http://localhost:5080/webhooks/dub")
        {
            Urls, PortOnly, ApiKey, Seed, Limit, Faults, Clock, Speed, Webhook, WebhookSecret,
        };
        command.SetAction((parsed, cancellationToken) => StartupFaults.ReportAsync(() =>
        {
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens);
            return RunAsync(parsed, cancellationToken);
        }));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var clock = OpenClock(parsed.GetValue(Clock), parsed.GetValue(Speed));
        var options = Read(parsed, clock);
        await using var dub = await DubStandIn.StartAsync(options, cancellationToken);
        if (parsed.GetValue(Faults) is { } share)
        {
            dub.Faults.SetStorm(share);
        }

        Console.WriteLine($"A stand-in for Dub, for development only. It forgets everything when it stops. Seed {options.Seed}.");
        Console.WriteLine($"DUB_API_URL={dub.Address.GetLeftPart(UriPartial.Authority)}");
        Console.WriteLine($"DUB_API_KEY={dub.ApiKey}");
        if (options.Webhook is not null)
        {
            Console.WriteLine($"DUB_WEBHOOK_SECRET={options.WebhookSecret}");
        }

        Console.WriteLine($"Now listening on: {dub.Address.GetLeftPart(UriPartial.Authority)}");
        await dub.WaitForShutdownAsync(cancellationToken);
        return ExitCode.Done;
    }

    private static DubStandInOptions Read(ParseResult parsed, TimeProvider? clock)
    {
        List<string> faults = [];
        var defaults = new DubStandInOptions();
        var address = ReadAddress(Urls, $"http://127.0.0.1:{parsed.GetValue(PortOnly) ?? Port}");
        if (address?.IsLoopback is false)
        {
            faults.Add("--urls: a stand-in listens on loopback only, such as http://127.0.0.1:5090.");
        }

        if (parsed.GetValue(PortOnly) is < 0 or > 65535)
        {
            faults.Add("--port is not a port: 0 to 65535.");
        }

        if (parsed.GetValue(Faults) is { } share && !(share is >= 0 and <= 1))
        {
            faults.Add("--faults is not a share of the calls: 0 to 1.");
        }

        if (parsed.GetValue(Limit) is < 0)
        {
            faults.Add("--limit is less than no call.");
        }

        if (parsed.GetValue(ApiKey)?.StartsWith("dub_", StringComparison.Ordinal) is false)
        {
            faults.Add("--api-key: Dub's keys begin with dub_.");
        }

        var webhook = ReadAddress(Webhook, null);
        return faults.Count > 0 ? throw new HostSetupException(faults) : new DubStandInOptions
        {
            Address = address!,
            ApiKey = parsed.GetValue(ApiKey) ?? defaults.ApiKey,
            Seed = parsed.GetValue(Seed) ?? defaults.Seed,
            Limit = parsed.GetValue(Limit) ?? defaults.Limit,
            Time = clock ?? TimeProvider.System,
            Webhook = webhook,
            WebhookSecret = parsed.GetValue(WebhookSecret) ?? defaults.WebhookSecret,
        };

        Uri? ReadAddress(Option<string?> option, string? fallback)
        {
            if ((parsed.GetValue(option) ?? fallback) is not { } text)
            {
                return null;
            }

            if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            {
                return uri;
            }

            faults.Add($"{option.Name} is no address: http://host:port.");
            return null;
        }
    }

    private static SharedClock? OpenClock(string? path, double? speed)
    {
        if (speed is { } given && !(given > 0 && double.IsFinite(given)))
        {
            throw new HostSetupException("--speed is a number above 0.");
        }

        if (path is null)
        {
            return speed is null ? null : throw new HostSetupException("--speed needs a clock that the other processes know of: --clock FILE.");
        }

        try
        {
            if (!File.Exists(path))
            {
                return SharedClock.Create(path, speed: speed ?? 1);
            }

            var clock = new SharedClock(path);
            if (speed is { } other)
            {
                clock.SetSpeed(other);
            }

            return clock;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new HostSetupException($"--clock: {e.Message}");
        }
    }
}
