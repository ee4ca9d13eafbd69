using Dub.Clerk.Host.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dub.Clerk.Host.Health;

/// <summary>Asks the store, and believes what it found for a while: whoever asks for our health often does not ask the store as often. Anybody may ask, so
/// the answer is in general words, and what it was in particular is in the log.</summary>
internal abstract partial class StoreCheck(TimeSpan believed, TimeProvider time, ILogger logger) : IHealthCheck
{
    private readonly Lock _asking = new();
    private Task<HealthCheckResult>? _last;
    private long _at;
    private string? _told;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var one = _asking.EnterScope();
        if (_last is null || (_last.IsCompleted && time.GetElapsedTime(_at) >= believed))
        {
            (_last, _at) = (LookAsync(), time.GetTimestamp());
        }

        return _last.WaitAsync(cancellationToken);
    }

    protected abstract Task<HealthCheckResult> LookAsync();

    /// <summary>Says in the log, once, what was found; null when all is well.</summary>
    protected void Tell(string? found)
    {
        if (found is not null && found != _told)
        {
            Log.Found(logger, found);
        }

        _told = found;
    }

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.StoreFound, LogLevel.Warning, "{Found}")]
        public static partial void Found(ILogger logger, string found);
    }
}
