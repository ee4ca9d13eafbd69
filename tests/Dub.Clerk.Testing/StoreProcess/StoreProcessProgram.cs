using Dub.Clerk.Host.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dub.Clerk.Testing.StoreProcess;

/// <summary>Holds an embedded store in a process of its own until it is killed, or until its standard input closes.</summary>
internal static class StoreProcessProgram
{
    public static async Task<int> RunAsync(string folder, long checkpointThreshold)
    {
        await using var store = new EmbeddedStore(folder, NullLoggerFactory.Instance, TimeProvider.System, checkpointThreshold);
        try
        {
            await store.StartAsync();
        }
        catch (EmbeddedStoreException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 1;
        }

        Console.WriteLine("READY " + store.ConfigurationOptions.EndPoints[0]);

        // A test process that dies takes this one with it.
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        return 0;
    }
}
