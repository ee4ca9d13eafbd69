using Dub.Clerk.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Dub.Clerk;

/// <summary>The options in force. They follow the configuration; a change that makes them invalid is reported and not applied, where an
/// <see cref="IOptionsMonitor{TOptions}"/> would throw at every request.</summary>
internal sealed partial class LiveOptions : IDisposable
{
    private readonly IOptionsFactory<DubClerkOptions> _factory;
    private readonly ILogger _logger;
    private readonly IDisposable[] _registrations;
    private readonly Lock _reloading = new();
    private volatile DubClerkOptions _current;

    /// <param name="factory">Makes and validates the options.</param>
    /// <param name="configuration">Where <see cref="DubClerkConfiguration"/> reads them.</param>
    /// <param name="sources">What else the app bound them to.</param>
    /// <param name="logger">Told of a change that is not applied.</param>
    public LiveOptions(
        IOptionsFactory<DubClerkOptions> factory, IConfiguration configuration, IEnumerable<IOptionsChangeTokenSource<DubClerkOptions>> sources,
        ILogger<LiveOptions> logger)
    {
        _factory = factory;
        _logger = logger;
        _current = factory.Create(Options.DefaultName);
        _registrations =
        [
            ChangeToken.OnChange(configuration.GetReloadToken, Reload),
            .. sources.Select(source => ChangeToken.OnChange(source.GetChangeToken, Reload)),
        ];
    }

    public DubClerkOptions Current => _current;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Reload()
    {
        // One after the other, so that an older reading never overwrites a newer one.
        using var one = _reloading.EnterScope();
        try
        {
            _current = _factory.Create(Options.DefaultName);
        }
        catch (Exception e)
        {
            // Also what the app's own configuring of the options throws: nobody who reloads a configuration expects it.
            Log.Refused(_logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.OptionsRefused, LogLevel.Error, "The changed configuration is not valid, and the one before stays in force: {Faults}")]
        public static partial void Refused(ILogger logger, string faults);
    }
}
