using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>Keeps every log entry of an app, with its exception, as a log file would.</summary>
internal sealed class RecordedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, LogLevel Level, EventId Id, string Text)> _entries = new();

    public IReadOnlyCollection<(string Category, LogLevel Level, EventId Id, string Text)> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(RecordedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logs._entries.Enqueue((category, logLevel, eventId, $"{formatter(state, exception)} {exception}"));
    }
}
