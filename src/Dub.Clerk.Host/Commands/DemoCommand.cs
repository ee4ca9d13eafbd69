using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using Dub.Clerk.Host.Dashboard.Access;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.StandIns;
using Spectre.Console;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>demo</c>: the host with everything real but Clerk and the visitors, and what became of each of them and why.</summary>
internal static class DemoCommand
{
    private const int Port = 5080;

    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "Exit when the cases are played, with 0 when each came out as it must; without it, keep serving until Ctrl-C." };
        var json = JsonOutput.Option();
        json.Description += " Exits as --once does.";
        var command = new CommandWithExamples(
            "demo",
            "Play clicks, sign-ups and attacks against a host of its own, and show what became of each. Needs no accounts.",
            "demo",
            "demo --once --json") { once, json };
        command.SetAction((parsed, cancellationToken) => StartupFaults.ReportAsync(() =>
        {
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens);
            return RunAsync(parsed.GetValue(once) || parsed.GetValue(json), parsed.GetValue(json), cancellationToken);
        }));
        return command;
    }

    private static async Task<int> RunAsync(bool once, bool json, CancellationToken cancellationToken)
    {
        using var clerk = new ClerkStandIn();
        var folder = Directory.CreateTempSubdirectory("dub-clerk-demo-");
        try
        {
            var origin = once || FreePort.IsListenedOn(Port) ? $"http://127.0.0.1:{FreePort.Next()}" : $"http://localhost:{Port}";
            var apiKey = "dub_" + RandomNumberGenerator.GetHexString(40, lowercase: true);
            await using var host = await HostApp.CreateAsync(Builder(clerk, folder.FullName, origin, apiKey), MapWelcome, cancellationToken);
            await host.Web.StartAsync(cancellationToken);
            var ready = DateTime.UtcNow - Process.GetCurrentProcess().StartTime.ToUniversalTime();

            using var stage = new DemoStage(clerk, new Uri(origin), apiKey);
            await stage.SetUpAsync();
            var results = await DemoCases.PlayAsync(stage);
            var outcome = new DemoOutcome(results, await stage.FunnelAsync(results));
            if (json)
            {
                JsonOutput.Print(outcome, DemoJsonContext.Default.DemoOutcome);
            }
            else
            {
                DemoReport.Show(outcome, ready);
            }

            var exitCode = outcome.Passed ? ExitCode.Done : ExitCode.Failed;
            if (once)
            {
                await host.Web.StopAsync(cancellationToken);
                return exitCode;
            }

            ShowAddresses(origin, apiKey, stage.ShortLink, ConsoleLink.Create(host.Web));
            await host.Web.WaitForShutdownAsync(cancellationToken);
            return exitCode;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static WebApplicationBuilder Builder(ClerkStandIn clerk, string folder, string origin, string apiKey)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        // The settings of this machine have no place in the demo.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = origin,
            ["CLERK_PUBLISHABLE_KEY"] = clerk.PublishableKey,
            ["CLERK_JWT_KEY"] = clerk.PublicKeyPem,
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.WebhookSecret,
            ["DUBCLERK_API_KEY"] = apiKey,
            ["DUBCLERK_DATA_DIR"] = folder,
            ["DubClerk:AuthorizedParties:0"] = origin,
            // A machine that is busy must not make the demo lose a click.
            ["DubClerk:RedirectPatience"] = "00:00:30",
            ["Logging:LogLevel:Default"] = "Error",
            ["Logging:LogLevel:Dub.Clerk"] = "Error",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Error",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Error",
        });
        return builder;
    }

    /// <summary>The page that the demo's short link leads to, in the place of somebody's landing page.</summary>
    private static void MapWelcome(WebApplication web)
        => web.MapGet("/welcome", () => TypedResults.Text("<!doctype html><title>Welcome</title><p>You landed.", "text/html")).ExcludeFromDescription();

    private static void ShowAddresses(string origin, string apiKey, string shortLink, string? dashboard)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLineInterpolated($"Still serving, until Ctrl-C:");
        AnsiConsole.MarkupLineInterpolated($"  [bold]{shortLink}[/]  a short link: follow it and watch the address");
        AnsiConsole.MarkupLineInterpolated($"  [bold]{origin}/scalar[/]  the API, to try");
        // Not through the console library, which would break the lines where they cannot be pasted.
        Console.WriteLine($"  {dashboard}  the dashboard, once");
        Console.WriteLine($"  curl -H \"Authorization: Bearer {apiKey}\" \"{origin}/events?event=leads\"");
    }
}
