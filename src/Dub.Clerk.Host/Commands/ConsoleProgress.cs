namespace Dub.Clerk.Host.Commands;

/// <summary>Says every few seconds on standard error how far a long command is, where a person reads it: never into a file or a pipe.</summary>
internal sealed class ConsoleProgress : IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly PeriodicTimer _timer;
    private readonly Task _telling;

    /// <param name="line">How far it is now.</param>
    /// <param name="output">Where to.</param>
    /// <param name="time">Measures the interval.</param>
    public ConsoleProgress(Func<string> line, TextWriter output, TimeProvider time)
    {
        _timer = new PeriodicTimer(Interval, time);
        _telling = TellAsync(line, output);
    }

    /// <summary>Begins to tell, until it is disposed of.</summary>
    public static ConsoleProgress Tell(Func<string> line) => new(line, Console.IsErrorRedirected ? TextWriter.Null : Console.Error, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _telling;
    }

    private async Task TellAsync(Func<string> line, TextWriter output)
    {
        while (await _timer.WaitForNextTickAsync())
        {
            await output.WriteLineAsync(line());
        }
    }
}
