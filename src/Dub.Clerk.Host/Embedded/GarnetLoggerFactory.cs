using Tsavorite.core;

namespace Dub.Clerk.Host.Embedded;

/// <summary>Gives Garnet's log a name of its own and moves its running commentary to Debug: what an operator should read, the store says itself.</summary>
internal sealed class GarnetLoggerFactory(ILoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Quieter(inner.CreateLogger("Garnet." + categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
        // The inner factory is the application's.
    }

    private sealed class Quieter(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(Lower(logLevel));

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // A stop cancels its tasks, and a failed commit fails every command: the store reports that one once.
            var lowered = exception is OperationCanceledException or CommitFailureException ? LogLevel.Debug : Lower(logLevel);
            if (inner.IsEnabled(lowered))
            {
                inner.Log(lowered, eventId, state, exception, formatter);
            }
        }

        private static LogLevel Lower(LogLevel level) => level switch
        {
            LogLevel.Information => LogLevel.Debug,
            LogLevel.Debug => LogLevel.Trace,
            LogLevel.Critical => LogLevel.Error,
            _ => level,
        };
    }
}
