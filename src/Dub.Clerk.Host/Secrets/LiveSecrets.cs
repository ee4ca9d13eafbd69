using Dub.Clerk.Host.Diagnostics;
using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Host.Secrets;

/// <summary>The keys in force. They follow the configuration; a change that cannot be used is reported and not applied.</summary>
internal sealed partial class LiveSecrets : IDisposable
{
    private readonly IConfiguration _configuration;
    private readonly ILogger _logger;
    private readonly IDisposable _registration;
    private readonly Lock _reloading = new();
    private volatile HostSecrets _current;

    public LiveSecrets(IConfiguration configuration, ILogger<LiveSecrets> logger)
    {
        (_configuration, _logger, _current) = (configuration, logger, new HostSecrets(configuration));
        _registration = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    public HostSecrets Current => _current;

    public void Dispose() => _registration.Dispose();

    private void Reload()
    {
        // One after the other, so that an older reading never overwrites a newer one.
        using var one = _reloading.EnterScope();
        var secrets = new HostSecrets(_configuration);
        if (secrets.Faults.Count == 0)
        {
            _current = secrets;
        }
        else
        {
            Log.Refused(_logger, string.Join(' ', secrets.Faults));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.SecretsRefused, LogLevel.Error, "The changed keys cannot be used, and those before stay in force: {Faults}")]
        public static partial void Refused(ILogger logger, string faults);
    }
}
