using System.Globalization;
using BenchmarkDotNet.Running;
using Dub.Clerk.Benchmarks;
using Dub.Clerk.Testing.Chaos;

switch (args)
{
    case ["refusals"]:
        RefusalRatios.Run();
        break;
    case ["requests"]:
        RequestRatios.Run();
        break;
    case ["recipe", .. var rest]:
        await RecipeComparison.RunAsync(Number(rest.ElementAtOrDefault(0)) ?? 500, Number(rest.ElementAtOrDefault(1)) ?? Environment.TickCount);
        break;
    case ["drain"]:
        // Longer than the window of Dub's own limit.
        Console.WriteLine(await DrainRun.RunAsync(leads: 900, perMinute: 1200, window: TimeSpan.FromMinutes(1), CancellationToken.None));
        break;
    case ["load", .. var rest]:
        await EndpointLoad.RunAsync(seconds: Number(rest.ElementAtOrDefault(0)) ?? 5, turns: 5, only: rest.ElementAtOrDefault(1), endpoint: rest.ElementAtOrDefault(2));
        break;
    case ["smoke"]:
        return Smoke.Run();
    case ["customers", .. var rest]:
        await CustomerScale.RunAsync(rest.ElementAtOrDefault(0), Number(rest.ElementAtOrDefault(1)) ?? 1_000_000);
        break;
    case ["startup"]:
        await StartupRun.RunAsync(Directory.GetCurrentDirectory());
        break;
    case ["bare-app", .. var rest]:
        await StartupRun.ServeBareAsync(rest);
        break;
    case ["soak", .. var rest]:
        await SoakRun.RunAsync(Number(rest.ElementAtOrDefault(0)) ?? 10, webhooks: Number(rest.ElementAtOrDefault(1)) ?? 2_000, requests: Number(rest.ElementAtOrDefault(2)) ?? 2_000);
        break;
    case ["hostile", .. var rest]:
        await HostileRun.RunAsync(Number(rest.ElementAtOrDefault(0)) ?? 10, Number(rest.ElementAtOrDefault(1)) ?? 200);
        break;
    case ["hosts", .. var rest]:
        await HostCountRun.RunAsync(Number(rest.ElementAtOrDefault(0)) ?? 10);
        break;
    case ["memory", .. var rest]:
        await MemoryRun.RunAsync(Number(rest.ElementAtOrDefault(0)) ?? 100_000);
        break;
    case ["analytics", .. var rest]:
        await AnalyticsScale.RunAsync(rest.Length == 0 ? [1_000, 100_000, 1_000_000] : rest.Select(size => Number(size)!.Value), seed: 20261122);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(WebhookBenchmarks).Assembly).Run(args);
        break;
}

return 0;

static int? Number(string? text) => text is null ? null : int.Parse(text, CultureInfo.InvariantCulture);
