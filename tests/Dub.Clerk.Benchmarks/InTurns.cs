using System.Diagnostics;

namespace Dub.Clerk.Benchmarks;

/// <summary>Measures several things in turns within one process, so that whatever else the machine does weighs on all alike: the median of many short
/// rounds. For ratios; BenchmarkDotNet measures one after the other.</summary>
internal static class InTurns
{
    private const int Rounds = 400;
    private const int CallsPerRound = 25;

    /// <summary>What a call takes and allocates.</summary>
    internal readonly record struct Cost(double Microseconds, double Bytes);

    /// <param name="calls">What to measure; what they return must be done when they return.</param>
    public static Dictionary<string, Cost> Measure(IReadOnlyDictionary<string, Action> calls)
    {
        var times = calls.Keys.ToDictionary(name => name, _ => new double[Rounds]);
        var bytes = calls.Keys.ToDictionary(name => name, _ => 0L);
        for (var round = -Rounds / 2; round < Rounds; round++)
        {
            foreach (var (name, call) in calls)
            {
                var (allocated, started) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
                for (var i = 0; i < CallsPerRound; i++)
                {
                    call();
                }

                // The rounds before zero warm up.
                if (round >= 0)
                {
                    times[name][round] = Stopwatch.GetElapsedTime(started).TotalMicroseconds / CallsPerRound;
                    bytes[name] += GC.GetAllocatedBytesForCurrentThread() - allocated;
                }
            }
        }

        return calls.Keys.ToDictionary(name => name, name => new Cost(times[name].Order().ElementAt(Rounds / 2), bytes[name] / (double)(Rounds * CallsPerRound)));
    }
}
