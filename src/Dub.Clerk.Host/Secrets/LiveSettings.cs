using Dub.Clerk.Host.Diagnostics;
using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Host.Secrets;

/// <summary>Settings that follow the configuration; a change that cannot be used is reported and not applied.</summary>
internal abstract class LiveSettings<T> : IDisposable
    where T : class
{
    private readonly IConfiguration _configuration;
    private readonly Func<IConfiguration, T> _read;
    private readonly Func<T, IReadOnlyList<string>> _faultsOf;
    private readonly ILogger _logger;
    private readonly IDisposable _registration;
    private readonly Lock _reloading = new();
    private volatile T _current;

    protected LiveSettings(IConfiguration configuration, Func<IConfiguration, T> read, Func<T, IReadOnlyList<string>> faultsOf, ILogger logger)
    {
        (_configuration, _read, _faultsOf, _logger, _current) = (configuration, read, faultsOf, logger, read(configuration));
        _registration = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    public T Current => _current;

    public void Dispose()
    {
        _registration.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Reload()
    {
        // One after the other, so that an older reading never overwrites a newer one.
        using var one = _reloading.EnterScope();
        var settings = _read(_configuration);
        if (_faultsOf(settings) is { Count: > 0 } faults)
        {
            LiveSettingsLog.Refused(_logger, string.Join(' ', faults));
        }
        else
        {
            _current = settings;
        }
    }
}

internal static partial class LiveSettingsLog
{
    [LoggerMessage(HostEventIds.SettingsRefused, LogLevel.Error, "The changed settings cannot be used, and those before stay in force: {Faults}")]
    public static partial void Refused(ILogger logger, string faults);
}
