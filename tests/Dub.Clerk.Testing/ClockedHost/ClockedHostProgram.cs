using Dub.Clerk.Host;
using Dub.Clerk.Host.StandIns;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Dub.Clerk.Testing.ClockedHost;

/// <summary>The server as it is, but on a clock that a test moves, until it is killed or its standard input closes.</summary>
internal static class ClockedHostProgram
{
    public static async Task<int> RunAsync(string clockFile)
    {
        using var clock = new SharedClock(clockFile);
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddSingleton<TimeProvider>(clock);
        await using var host = await HostApp.CreateAsync(builder);
        await host.Web.StartAsync();

        // A test process that dies takes this one with it.
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        return 0;
    }
}
