using System.CommandLine;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Spectre.Console;

namespace Dub.Clerk.Host.Commands.Example;

/// <summary><c>example</c>: the example app with this host and a stand-in for Clerk, to click through in a browser. Needs no accounts.</summary>
internal static class ExampleCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Where the app listens.", DefaultValueFactory = _ => 3000 };
        var hostPort = new Option<int>("--host-port") { Description = "Where the host listens.", DefaultValueFactory = _ => 5080 };
        var clerkPort = new Option<int>("--clerk-port") { Description = "Where the stand-in for Clerk listens.", DefaultValueFactory = _ => 4455 };
        var command = new CommandWithExamples(
            "example",
            "Run examples/NextApp with this host and a stand-in for Clerk. Needs Node.js, and npm's registry the first time; no accounts.",
            "example",
            "example --port 3100 --host-port 5180 --clerk-port 4555")
        {
            port, hostPort, clerkPort,
        };
        command.SetAction((parsed, cancellationToken) => StartupFaults.ReportAsync(() =>
        {
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens);
            return RunAsync((parsed.GetValue(clerkPort), parsed.GetValue(hostPort), parsed.GetValue(port)), cancellationToken);
        }));
        return command;
    }

    private static async Task<int> RunAsync((int Clerk, int Host, int App) ports, CancellationToken cancellationToken)
    {
        var folder = NextApp.Find(Directory.GetCurrentDirectory()) ?? throw new HostSetupException("examples/NextApp was not found. Run this inside the repository.");
        try
        {
            await PrepareAsync(folder, cancellationToken);
            await using var stage = await ExampleStage.StartAsync(folder, ClerkScripts.DefaultFolder, ports, cancellationToken: cancellationToken);
            Show(stage);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C.
        }

        return ExitCode.Done;
    }

    private static async Task PrepareAsync(string folder, CancellationToken cancellationToken)
    {
        if (!NextApp.IsInstalled(folder))
        {
            AnsiConsole.WriteLine("Installing the app's packages from npm, once…");
            await NextApp.InstallAsync(folder, cancellationToken);
        }

        if (!ClerkScripts.AreIn(ClerkScripts.DefaultFolder))
        {
            AnsiConsole.WriteLine("Fetching Clerk's browser code from npm, once…");
            await ClerkScripts.FetchAsync(ClerkScripts.DefaultFolder, cancellationToken);
        }

        if (!NextApp.IsBuilt(folder))
        {
            AnsiConsole.WriteLine("Building the app…");
            using var instance = new ClerkStandIn();
            await NextApp.BuildAsync(folder, instance, cancellationToken);
        }
    }

    private static void Show(ExampleStage stage)
    {
        AnsiConsole.MarkupLineInterpolated($"Running, until Ctrl-C. Clerk is a stand-in: sign up with any address and a password of 8 characters.");
        AnsiConsole.MarkupLineInterpolated($"  [bold]{stage.ShortLink}[/]  a short link to the app: begin here");
        AnsiConsole.MarkupLineInterpolated($"  [bold]{stage.AppAddress}[/]  the app");
        AnsiConsole.MarkupLineInterpolated($"  [bold]{new Uri(stage.HostAddress, "/scalar")}[/]  the host's API, to try");
        // Not through the console library, which would break the line where it cannot be pasted.
        Console.WriteLine($"  curl -H \"Authorization: Bearer {stage.ApiKey}\" \"{new Uri(stage.HostAddress, "/events?event=leads")}\"");
    }
}
