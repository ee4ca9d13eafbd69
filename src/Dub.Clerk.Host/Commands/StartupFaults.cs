using Dub.Clerk.Host.Embedded;
using Microsoft.Extensions.Options;

namespace Dub.Clerk.Host.Commands;

/// <summary>Tells the person at the console why the host did not start, and exits with 1.</summary>
internal static class StartupFaults
{
    public static async Task<int> ReportAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync("Dub.Clerk cannot start:");
            foreach (var fault in e.Failures)
            {
                await Console.Error.WriteLineAsync("- " + fault);
            }

            return 1;
        }
        catch (Exception e) when (e is HostSetupException or EmbeddedStoreException)
        {
            await Console.Error.WriteLineAsync("Dub.Clerk cannot start: " + e.Message);
            return 1;
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"Dub.Clerk cannot start: {e.Message} Stop the other program, or listen elsewhere with --urls http://localhost:5081.");
            return 1;
        }
    }
}
