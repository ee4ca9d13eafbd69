using System.Diagnostics;
using Dub.Clerk.Host.Diagnostics;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Embedded;

/// <summary>A Redis-protocol store inside this process, for one machine: what it acknowledged is on disk.</summary>
internal sealed partial class EmbeddedStore : IAsyncDisposable
{
    /// <summary>How long the log may grow before a checkpoint replaces it. Replaying 46 MB took 1.6 s.</summary>
    public const long DefaultCheckpointThreshold = 64L << 20;

    private readonly string _folderPath;
    private readonly ILoggerFactory _loggerFactory;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly long _checkpointThreshold;
    private DataFolder? _folder;
    private StoreEndpoint? _endpoint;
    private EmbeddedServer? _server;

    public EmbeddedStore(string folder, ILoggerFactory loggerFactory, TimeProvider time, long checkpointThreshold = DefaultCheckpointThreshold)
    {
        _folderPath = folder;
        _loggerFactory = loggerFactory;
        _logger = loggerFactory.CreateLogger<EmbeddedStore>();
        _time = time;
        _checkpointThreshold = checkpointThreshold;
    }

    /// <summary>How to connect; a new object each time, so that callers may add to it.</summary>
    public ConfigurationOptions ConfigurationOptions => (_endpoint ?? throw new InvalidOperationException("The store is not started.")).Client();

    /// <exception cref="EmbeddedStoreException">It cannot start; the message has the reason and the remedy.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        _folder = DataFolder.Open(_folderPath);
        try
        {
            _endpoint = StoreEndpoint.Create(_folder.Path);

            // Recovery reads and replays without ever yielding.
            _server = await Task.Run(() => Launch(_folder.Path, _endpoint), cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }

        Log.Started(_logger, _folder.Path, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await Task.Run(_server.Dispose);
            _server = null;
        }

        _endpoint?.Dispose();
        _endpoint = null;
        _folder?.Dispose();
        _folder = null;
    }

    private EmbeddedServer Launch(string folder, StoreEndpoint endpoint)
    {
        EmbeddedServer? server = null;
        try
        {
            server = new EmbeddedServer(ServerSettings.Create(folder, endpoint), _loggerFactory);
            server.Start();
            return server;
        }
        catch (Exception error)
        {
            server?.Dispose();
            throw new EmbeddedStoreException(
                $"The store in {folder} did not start: {error.Message} Its files may be damaged: restore the folder from a backup, " +
                "or move it away to start empty. Nothing in it was changed.",
                error);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.StoreStarted, LogLevel.Information, "Embedded store ready in {ElapsedMs:F0} ms, data in {Folder}")]
        public static partial void Started(ILogger logger, string folder, double elapsedMs);
    }
}
