using Dub.Clerk.Host.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dub.Clerk.Testing.StoreProcess;

/// <summary>Holds an embedded store in a process of its own until it is killed, or until its standard input closes. Each line there is an erasure
/// whose time to rewrite the files has come.</summary>
internal static class StoreProcessProgram
{
    public static async Task<int> RunAsync(string folder, long checkpointThreshold)
    {
        var time = new HurriedTime();
        await using var store = new EmbeddedStore(folder, NullLoggerFactory.Instance, time, checkpointThreshold);
        try
        {
            await store.StartAsync();
        }
        catch (EmbeddedStoreException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 1;
        }

        Console.WriteLine("READY " + store.ConfigurationOptions.EndPoints[0]);

        // A test process that dies takes this one with it.
        while (await Console.In.ReadLineAsync() is not null)
        {
            await store.ErasedAsync(CancellationToken.None);
            time.Skip(RewriteSchedule.Delay);
        }

        return 0;
    }

    /// <summary>The system's, but for what was skipped.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        private long _skippedTicks;

        public void Skip(TimeSpan time) => Interlocked.Add(ref _skippedTicks, time.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _skippedTicks));
    }
}
