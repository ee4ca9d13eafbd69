using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Dub.Clerk.Benchmarks;

/// <summary>Each micro-benchmark once, in this process and whatever the build: it proves that they run, and measures nothing.</summary>
internal static class Smoke
{
    public static int Run()
    {
        var config = ManualConfig.CreateEmpty().AddJob(Job.Dry.WithToolchain(InProcessEmitToolchain.Instance)).AddLogger(NullLogger.Instance)
            .WithOptions(ConfigOptions.DisableOptimizationsValidator | ConfigOptions.DisableLogFile)
            .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "smoke"));
        var reports = BenchmarkRunner.Run(typeof(Smoke).Assembly, config).SelectMany(summary => summary.Reports).ToList();
        var failed = reports.Where(report => !report.Success).ToList();
        Console.WriteLine($"{reports.Count - failed.Count} benchmarks ran, {failed.Count} failed");
        foreach (var report in failed)
        {
            Console.WriteLine(report.BenchmarkCase.DisplayInfo);
        }

        return failed.Count == 0 && reports.Count > 0 ? 0 : 1;
    }
}
