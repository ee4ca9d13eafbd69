using System.Diagnostics;

namespace Dub.Clerk.Benchmarks;

/// <summary>Each refusal beside the valid token of its size, in turns within one process, so that whatever else the machine does weighs on both
/// alike: the median of many short rounds, as a ratio.</summary>
internal static class RefusalRatios
{
    private const int Rounds = 400;
    private const int CallsPerRound = 25;

    public static void Run()
    {
        var kinds = SessionTokenBenchmarks.Kinds.ToDictionary(kind => kind, Prepare);
        var times = kinds.Keys.ToDictionary(kind => kind, _ => new double[Rounds]);
        for (var round = -Rounds / 4; round < Rounds; round++)
        {
            foreach (var (kind, benchmark) in kinds)
            {
                var started = Stopwatch.GetTimestamp();
                for (var call = 0; call < CallsPerRound; call++)
                {
                    benchmark.Verify();
                }

                // The rounds before zero warm up.
                if (round >= 0)
                {
                    times[kind][round] = Stopwatch.GetElapsedTime(started).TotalMicroseconds / CallsPerRound;
                }
            }
        }

        Console.WriteLine("| token | median | of a valid one of its size |");
        Console.WriteLine("|---|---|---|");
        foreach (var kind in kinds.Keys)
        {
            var peer = kind.EndsWith("Many", StringComparison.Ordinal) && kind != "HeaderMany" ? "ValidMany" : "Valid";
            Console.WriteLine(FormattableString.Invariant($"| {kind} | {Median(times[kind]):F2} µs | {Median(times[kind]) / Median(times[peer]):F2} |"));
        }
    }

    private static SessionTokenBenchmarks Prepare(string kind)
    {
        var benchmark = new SessionTokenBenchmarks { Kind = kind };
        benchmark.Setup();
        return benchmark;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
