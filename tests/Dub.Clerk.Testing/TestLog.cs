using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Testing;

/// <summary>Everything an app logs, for tests of what is said and of what is never said.</summary>
internal sealed class TestLog : ILoggerProvider
{
    private readonly ConcurrentQueue<TestLogEntry> _entries = new();

    public IReadOnlyCollection<TestLogEntry> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _entries);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<TestLogEntry> entries) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => entries.Enqueue(new TestLogEntry(category, logLevel, eventId.Id, formatter(state, exception), exception));
    }
}

internal sealed record TestLogEntry(string Category, LogLevel Level, int EventId, string Message, Exception? Exception);
