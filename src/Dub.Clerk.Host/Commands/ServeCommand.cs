using System.CommandLine;
using Dub.Clerk.Host.Dashboard.Access;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>serve</c>, also when no command is named: the server.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new CommandWithExamples(
            "serve",
            "Run the server (the default). Settings come from environment variables such as DUBCLERK_API_KEY, CLERK_WEBHOOK_SIGNING_SECRET, CLERK_PUBLISHABLE_KEY, ConnectionStrings__Redis "
            + "and DUBCLERK_DATA_DIR; the README lists them all. Further arguments go to ASP.NET Core: --urls, --environment, or any setting.",
            "serve --urls http://localhost:5081",
            "serve --environment Development --DubClerk:RedirectPatience 00:00:01");
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
        return ExitCode.Done;
    }
}
