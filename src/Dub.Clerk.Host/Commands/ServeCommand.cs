using System.CommandLine;
using Dub.Clerk.Host.Dashboard.Access;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>serve</c>, also when no command is named: the server.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Run the server (the default). Settings come from the environment; further arguments, such as --urls, go to ASP.NET Core.");
        MakeDefault(command);
        return command;
    }

    public static void MakeDefault(Command command)
    {
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellationToken) => StartupFaults.ReportAsync(() =>
        {
            // Settings begin with a hyphen; a word in front of them is a command that was misspelt.
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens.Take(1).Where(token => !token.StartsWith('-')));
            return RunAsync([.. parsed.UnmatchedTokens], cancellationToken);
        }));
    }

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        await using var host = await HostApp.CreateAsync(WebApplication.CreateBuilder(args), cancellationToken: cancellationToken);
        await host.Web.StartAsync(cancellationToken);
        ConsoleLink.Print(host.Web);
        await host.Web.WaitForShutdownAsync(cancellationToken);
        return 0;
    }
}
