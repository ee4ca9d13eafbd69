using Dub.Clerk.Host.Embedded;

namespace Dub.Clerk.Host.Commands;

/// <summary>Tells the person at the console why a command did not do its work, and makes it an <see cref="ExitCode"/>.</summary>
internal static class StartupFaults
{
    /// <summary>As <see cref="ReportAsync"/>, for commands that start nothing.</summary>
    public static Task<int> ReportRefusalsAsync(Func<Task<int>> run) => ReportAsync(run, "Nothing was done:");

    /// <exception cref="HostSetupException">There is something.</exception>
    public static void RefuseUnknown(IEnumerable<string> words)
    {
        if (words.FirstOrDefault() is { } word)
        {
            throw new HostSetupException($"'{word}' is not known here. --help lists the commands and their options.");
        }
    }

    /// <param name="run">The work.</param>
    /// <param name="refusal">What is said above the faults of the arguments and settings.</param>
    public static async Task<int> ReportAsync(Func<Task<int>> run, string refusal = "Dub.Clerk cannot start:")
    {
        try
        {
            return await run();
        }
        catch (HostSetupException e)
        {
            await Console.Error.WriteLineAsync(refusal);
            foreach (var fault in e.Faults)
            {
                await Console.Error.WriteLineAsync("- " + fault);
            }

            return ExitCode.Misused;
        }
        catch (CommandFailedException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Failed;
        }
        catch (EmbeddedStoreException e)
        {
            await Console.Error.WriteLineAsync("Dub.Clerk cannot start: " + e.Message);
            return ExitCode.Failed;
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"Dub.Clerk cannot start: {e.Message} Stop the other program, or listen elsewhere with --urls http://localhost:5081.");
            return ExitCode.Failed;
        }
    }
}
