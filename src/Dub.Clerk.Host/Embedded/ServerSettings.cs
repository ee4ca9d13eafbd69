using Garnet.server;
using Tsavorite.core;

namespace Dub.Clerk.Host.Embedded;

/// <summary>Garnet's settings, each for a promise that its default breaks.</summary>
internal static class ServerSettings
{
    /// <summary>Garnet blocks a pool thread per connection while a commit is written, and the write needs one too. On two cores, with the
    /// pool's default of two and its slow growth, a SET among eight stores took more than five seconds.</summary>
    private const int ThreadPoolFloor = 32;

    /// <summary>Bytes in each file of the log. Small, so that truncation gives space back.</summary>
    public const long LogFileSize = 16L << 20;

    public static GarnetServerOptions Create(string folder, StoreEndpoint endpoint)
    {
        ThreadPool.GetMinThreads(out var threads, out _);
        var options = new GarnetServerOptions
        {
            QuietMode = true,
            MaxDatabases = 1,

            // Where things are. The default disk device wants a system library that a bare machine lacks.
            CheckpointDir = folder,
            DeviceType = DeviceType.RandomAccess,

            // An answer means that the write is on disk: CommitGate sees to it. Garnet's own commits (frequency 0 and WaitForCommit) keep what
            // was acknowledged too, but leave half a script behind.
            EnableAOF = true,
            CommitFrequencyMs = -1,
            WaitForCommit = false,
            Recover = true,
            FailOnRecoveryError = true,

            AofSegmentSize = $"{LogFileSize}",
            AofPageSize = "8m",
            AofMemorySize = "16m",

            // Scripts are atomic only in this mode and with every key in KEYS; and no time-out, which would stop one half-way.
            EnableLua = true,
            LuaTransactionMode = true,
            LuaOptions = new LuaOptions(LuaMemoryManagementMode.Native, "", Timeout.InfiniteTimeSpan, LuaLoggingMode.Silent, []),

            // Nothing is ever evicted: a memory limit without a storage tier drops acknowledged writes in silence, so it and the ring of pages
            // are larger than most machines' memory. Pages are allocated as they are reached. Without any limit those that are no longer needed
            // after a rewrite would not be given back; and a start fails when it is more than the ring holds.
            LogMemorySize = "256g",
            PageSize = "4m",
            PageCount = 1 << 16,
            MutablePercent = 95,

            // Starts small, doubles as keys come.
            IndexMemorySize = "8m",
            IndexMaxMemorySize = "4g",
            IndexResizeFrequencySecs = 5,

            ThreadPoolMinThreads = Math.Max(threads, ThreadPoolFloor),
        };
        endpoint.Apply(options);
        return options;
    }
}
