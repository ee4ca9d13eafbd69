using System.Diagnostics;
using Dub.Clerk.Host.Diagnostics;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Embedded;

/// <summary>A Redis-protocol store inside this process, for one machine: what it acknowledged is on disk.</summary>
internal sealed partial class EmbeddedStore : IErasureListener, IAsyncDisposable
{
    /// <summary>How long the log may grow before a checkpoint replaces it. Replaying 49 MB after a kill took 2.6 s on two cores; a start is to
    /// take less than two.</summary>
    public const long DefaultCheckpointThreshold = 16L << 20;

    /// <summary>How often the log's size and the store's health are looked at.</summary>
    public static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan CommitDeadline = TimeSpan.FromSeconds(5);

    private readonly string _folderPath;
    private readonly ILoggerFactory _loggerFactory;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly AofMaintenance _maintenance;
    private readonly RewriteSchedule _rewrites;
    private readonly CancellationTokenSource _stopping = new();
    private DataFolder? _folder;
    private StoreEndpoint? _endpoint;
    private EmbeddedServer? _server;
    private Task _rounds = Task.CompletedTask;

    /// <summary>Whether only opening the store again will help.</summary>
    private bool _broken;

    public EmbeddedStore(string folder, ILoggerFactory loggerFactory, TimeProvider time, long checkpointThreshold = DefaultCheckpointThreshold)
    {
        _folderPath = folder;
        _loggerFactory = loggerFactory;
        _logger = loggerFactory.CreateLogger<EmbeddedStore>();
        _time = time;
        _maintenance = new AofMaintenance(checkpointThreshold, time, _logger);
        _rewrites = new RewriteSchedule(folder, time, _logger);
    }

    /// <summary>How to connect; a new object each time, so that callers may add to it.</summary>
    public ConfigurationOptions ConfigurationOptions => (_endpoint ?? throw new InvalidOperationException("The store is not started.")).Client();

    /// <summary>As of the last round; <see cref="CheckAsync"/> looks now.</summary>
    public StoreHealth Health { get; private set; } = StoreHealth.Healthy;

    public bool IsHealthy => Health.IsHealthy;

    /// <exception cref="EmbeddedStoreException">It cannot start; the message has the reason and the remedy.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        _folder = DataFolder.Open(_folderPath);
        try
        {
            _endpoint = StoreEndpoint.Create(_folder.Path);
            _server = await EmbeddedServer.LaunchAsync(_folder.Path, _endpoint, _loggerFactory);
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }

        _rewrites.Resume();
        _rounds = RunRoundsAsync(new PeriodicTimer(Round, _time));
        Log.Started(_logger, _folder.Path, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <summary>Whether what was written is on disk. When a write failed, it and all later ones are refused and their connections closed, so
    /// nothing is acknowledged, until a round finds room and opens the store again.</summary>
    public async Task<StoreHealth> CheckAsync(CancellationToken cancellationToken = default)
    {
        if (_server is not { } server)
        {
            return Health.IsHealthy ? new StoreHealth(false, "The store is not started.") : Health;
        }

        try
        {
            await server.CommitAsync().WaitAsync(CommitDeadline, _time, cancellationToken);
            _broken = false;
            return Health = StoreHealth.Healthy;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // A disk that hangs may come back; stopping the server would wait for it.
            _broken = error is not TimeoutException;
            var wasHealthy = IsHealthy;
            Health = Unhealthy(error);
            if (wasHealthy)
            {
                Log.Unhealthy(_logger, Health.Reason);
            }

            return Health;
        }
    }

    /// <summary>Has the files rewritten within <see cref="RewriteSchedule.Delay"/>, or at the stop, or after the next start.</summary>
    public Task ErasedAsync(CancellationToken cancellationToken)
    {
        _rewrites.Owe();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _rounds;
        if (_server is not null)
        {
            if (IsHealthy)
            {
                await _rewrites.BeforeStopAsync(() => RewriteAsync(CancellationToken.None));
                await _maintenance.BeforeStopAsync(_server);
            }

            await _server.StopAsync();
            _server = null;
            Log.Stopped(_logger);
        }

        _endpoint?.Dispose();
        _endpoint = null;
        _folder?.Dispose();
        _folder = null;
    }

    private async Task RunRoundsAsync(PeriodicTimer timer)
    {
        using (timer)
        {
            try
            {
                while (await timer.WaitForNextTickAsync(_stopping.Token))
                {
                    await RoundAsync(_stopping.Token);
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
            }
        }
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            if ((await CheckAsync(cancellationToken)).IsHealthy)
            {
                await _rewrites.RunIfDueAsync(() => RewriteAsync(cancellationToken));
                await _maintenance.RunIfDueAsync(_server!, cancellationToken);
                return;
            }

            if (_broken)
            {
                await ReopenAsync();
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Log.RoundFailed(_logger, error);
        }
    }

    private Task<bool> RewriteAsync(CancellationToken cancellationToken) => _server!.RewriteAsync(ConfigurationOptions, cancellationToken);

    /// <summary>Garnet does not get over a failed write by itself; started again, it has what was acknowledged.</summary>
    private async Task ReopenAsync()
    {
        try
        {
            _folder!.ProbeWrite();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Health = Unhealthy(error);
            return;
        }

        if (_server is not null)
        {
            await _server.StopAsync();
            _server = null;
        }

        try
        {
            _server = await EmbeddedServer.LaunchAsync(_folder!.Path, _endpoint!, _loggerFactory);
            _broken = false;
            Health = StoreHealth.Healthy;
            Log.Healthy(_logger);
        }
        catch (EmbeddedStoreException error)
        {
            Health = Unhealthy(error);
        }
    }

    private StoreHealth Unhealthy(Exception error) => new(
        false, $"The store in {_folderPath} cannot write: {error.Message} Nothing is acknowledged until it can. Is the disk full? Make room; it recovers by itself.");

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.StoreStarted, LogLevel.Information, "Embedded store ready in {ElapsedMs:F0} ms, data in {Folder}")]
        public static partial void Started(ILogger logger, string folder, double elapsedMs);

        [LoggerMessage(HostEventIds.StoreStopped, LogLevel.Information, "Embedded store stopped")]
        public static partial void Stopped(ILogger logger);

        [LoggerMessage(HostEventIds.StoreUnhealthy, LogLevel.Error, "{Reason}")]
        public static partial void Unhealthy(ILogger logger, string? reason);

        [LoggerMessage(HostEventIds.StoreHealthy, LogLevel.Information, "The embedded store takes writes again")]
        public static partial void Healthy(ILogger logger);

        [LoggerMessage(HostEventIds.StoreRoundFailed, LogLevel.Error, "Maintenance of the embedded store failed; it is tried again")]
        public static partial void RoundFailed(ILogger logger, Exception error);
    }
}
