namespace Dub.Clerk.Benchmarks;

/// <summary>Each refusal beside the valid token of its size.</summary>
internal static class RefusalRatios
{
    public static void Run()
    {
        var costs = InTurns.Measure(SessionTokenBenchmarks.Kinds.ToDictionary(kind => kind, Prepare));
        Console.WriteLine("| token | median | of a valid one of its size |");
        Console.WriteLine("|---|---|---|");
        foreach (var (kind, cost) in costs)
        {
            var peer = kind.EndsWith("Many", StringComparison.Ordinal) && kind != "HeaderMany" ? "ValidMany" : "Valid";
            Console.WriteLine(FormattableString.Invariant($"| {kind} | {cost.Microseconds:F2} µs | {cost.Microseconds / costs[peer].Microseconds:F2} |"));
        }
    }

    private static Action Prepare(string kind)
    {
        var benchmark = new SessionTokenBenchmarks { Kind = kind };
        benchmark.Setup();
        return () => benchmark.Verify();
    }
}
