using System.CommandLine;
using Dub.Clerk.Host.Doctor;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>doctor</c>: examines an installation from the outside in, and names each fault with its remedy.</summary>
internal static class DoctorCommand
{
    private const int LongestToken = 64 * 1024;

    private static readonly Option<string?> Url = new("--url")
    {
        Description = "The public address of the app or the host; with a path, that of the webhook. It is tried with deliveries that change nothing. Default: none, and the webhook is not tried.",
    };

    private static readonly Option<string?> Token = new("--token") { Description = "A session token to look into; - reads it from standard input, where no list of processes shows it. Default: none." };
    private static readonly Option<string?> Address = RunningHost.AddressOption();
    private static readonly Option<bool> Json = JsonOutput.Option();

    public static Command Create()
    {
        var command = new CommandWithExamples(
            "doctor",
            "Examine an installation: keys, webhook, clock, session token, cookie, store, Dub, Clerk and a running host. Each fault comes with its remedy. Changes nothing.",
            "doctor",
            "doctor --url https://app.example.com --json",
            "doctor --token -")
        {
            Url, Token, Address, Json,
        };
        command.SetAction((parsed, cancellationToken) => StartupFaults.ReportRefusalsAsync(async () =>
        {
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens);
            return await RunAsync(WebApplication.CreateBuilder(), await ReadAsync(parsed, Console.In, cancellationToken), parsed.GetValue(Json), Console.Out, cancellationToken);
        }));
        return command;
    }

    /// <summary>Examines, and writes what was found.</summary>
    /// <returns>The <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(WebApplicationBuilder builder, Asked asked, bool json, TextWriter output, CancellationToken cancellationToken)
    {
        var installation = Installation.Read(builder, asked);
        var report = new Report(await Checkup.RunAsync(installation, cancellationToken), new Secrecy(installation));
        if (json)
        {
            report.WriteJson(output);
        }
        else
        {
            report.WriteText(output);
        }

        return report.HasFault ? ExitCode.Failed : ExitCode.Done;
    }

    private static async Task<Asked> ReadAsync(ParseResult parsed, TextReader input, CancellationToken cancellationToken)
    {
        var token = parsed.GetValue(Token);
        if (token == "-")
        {
            var buffer = new char[LongestToken];
            token = new string(buffer, 0, await input.ReadBlockAsync(buffer, cancellationToken));
        }

        return new Asked(RunningHost.ReadAddress(parsed.GetValue(Address)))
        {
            IsHostNamed = parsed.GetResult(Address) is { Implicit: false },
            PublicAddress = parsed.GetValue(Url) is not { } url ? null
                : WebAddress.TryParse(url, out var address) && address.Scheme is "http" or "https" ? address
                : throw new HostSetupException("--url is no address: https://app.example.com."),
            Token = token?.Trim() is { Length: > 0 } given ? given : null,
        };
    }
}
