using System.CommandLine;
using System.Text.Json;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>export</c> and <c>erase</c>: what a running host holds of a person, and its erasure.</summary>
internal static class PersonalDataCommands
{
    private static readonly Option<string?> Address = RunningHost.AddressOption();
    private static readonly Option<string?> Key = RunningHost.KeyOption();
    private static readonly Option<bool> Json = JsonOutput.Option();
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask whether it is meant." };
    private static readonly Argument<string> Person = new("person") { Description = "The Clerk user id, user_…, or your external id of a customer." };

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command CreateExport()
    {
        var command = new CommandWithExamples(
            "export",
            "Print everything that a running host holds of a person, as JSON. Exits with 1 when that is nothing.",
            "export user_29w83sxmDNGwOuEthce5gg56FcC",
            "export user_29w83sxmDNGwOuEthce5gg56FcC --json") { Person, Address, Key, Json };
        command.SetAction((parsed, cancellationToken) => StartupFaults.ReportRefusalsAsync(async () =>
        {
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens);
            using var host = RunningHost.Open(parsed.GetValue(Address), parsed.GetValue(Key));
            var found = await host.SendAsync(HttpMethod.Get, PathOf(parsed), cancellationToken);
            Console.WriteLine(parsed.GetValue(Json) ? found.GetRawText() : JsonSerializer.Serialize(found, Indented));
            return ExitCode.Done;
        }));
        return command;
    }

    public static Command CreateErase()
    {
        var command = new CommandWithExamples(
            "erase",
            "Have a running host erase a person, here and at Dub, as when Clerk tells that the user was deleted. Numbers stay. Exits with 1 when nothing was known of the person.",
            "erase user_29w83sxmDNGwOuEthce5gg56FcC",
            "erase user_29w83sxmDNGwOuEthce5gg56FcC --yes --json") { Person, Yes, Address, Key, Json };
        command.SetAction((parsed, cancellationToken) => StartupFaults.ReportRefusalsAsync(async () =>
        {
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens);
            using var host = RunningHost.Open(parsed.GetValue(Address), parsed.GetValue(Key));
            if (!parsed.GetValue(Yes) && !IsMeant(parsed.GetRequiredValue(Person)))
            {
                throw new HostSetupException("Erasing was not confirmed. Answer yes, or give --yes.");
            }

            var result = await host.SendAsync(HttpMethod.Delete, PathOf(parsed), cancellationToken);
            var known = result.GetProperty("known").GetBoolean();
            Console.WriteLine(parsed.GetValue(Json) ? result.GetRawText() : known ? "Erased." : "Nothing was known of this person.");
            return known ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    /// <summary>On the error stream, so that what is printed is the result alone. Where nobody is there to answer, nothing was meant.</summary>
    private static bool IsMeant(string person)
    {
        if (Console.IsInputRedirected)
        {
            return false;
        }

        Console.Error.Write($"Erase everything that names {person}? This cannot be undone. [yes/no] ");
        return Console.ReadLine()?.Trim() is "yes" or "y";
    }

    private static string PathOf(ParseResult parsed) => "personal-data/" + Uri.EscapeDataString(parsed.GetRequiredValue(Person));
}
