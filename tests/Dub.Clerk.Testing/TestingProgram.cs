using System.Globalization;
using Dub.Clerk.Testing.ClockedHost;
using Dub.Clerk.Testing.StoreProcess;

namespace Dub.Clerk.Testing;

/// <summary>What tests start as processes of their own, in order to kill them.</summary>
internal static class TestingProgram
{
    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["store", var folder, var threshold]:
                return await StoreProcessProgram.RunAsync(folder, long.Parse(threshold, CultureInfo.InvariantCulture));
            case ["host", var clock]:
                return await ClockedHostProgram.RunAsync(clock);
            default:
                await Console.Error.WriteLineAsync("usage: store <folder> <checkpoint threshold in bytes> | host <file of the shared clock>");
                return 2;
        }
    }
}
