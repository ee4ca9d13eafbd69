using BenchmarkDotNet.Running;
using Dub.Clerk.Benchmarks;

if (args is ["refusals"])
{
    RefusalRatios.Run();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(WebhookBenchmarks).Assembly).Run(args);
