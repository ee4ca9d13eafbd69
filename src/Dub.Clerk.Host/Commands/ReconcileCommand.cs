using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>reconcile</c>: has a running host compare Clerk's users, its ledger and Dub's leads. Changes nothing unless told to.</summary>
internal static class ReconcileCommand
{
    private static readonly Option<string?> Address = RunningHost.AddressOption();
    private static readonly Option<string?> Key = RunningHost.KeyOption();
    private static readonly Option<string?> From = new("--from") { Description = "Accounts created from then on, such as 2026-11-01 or 2026-11-01T12:00:00Z. Default: seven days ago." };
    private static readonly Option<string?> To = new("--to") { Description = "Accounts created before then. Default: now." };
    private static readonly Option<bool> Repair = new("--repair") { Description = "Mend what differs; without it, it is only shown." };

    private static readonly Option<bool> Json = JsonOutput.Option();

    public static Command Create()
    {
        var command = new CommandWithExamples(
            "reconcile",
            "Compare Clerk's users of a period with the leads here and at Dub, on a running host; with --repair, mend what differs. Exits with 1 when something differs and is not mended.",
            "reconcile --from 2026-11-01",
            "reconcile --repair --json")
        {
            From, To, Repair, Address, Key, Json,
        };
        command.SetAction((parsed, cancellationToken) => StartupFaults.ReportRefusalsAsync(async () =>
        {
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens);
            using var host = RunningHost.Open(parsed.GetValue(Address), parsed.GetValue(Key));
            var repair = parsed.GetValue(Repair);
            var query = string.Join('&', new[] { ("from", parsed.GetValue(From)), ("to", parsed.GetValue(To)), ("repair", repair ? "true" : null) }
                .Where(pair => pair.Item2 is not null).Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2!)}"));
            var result = await CompareAsync(host, query, cancellationToken);
            if (parsed.GetValue(Json))
            {
                JsonOutput.Print(result);
            }
            else
            {
                Show(result, repair);
            }

            return result.GetProperty("differences").EnumerateArray().All(difference => difference.GetProperty("repaired").GetBoolean()) ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static async Task<JsonElement> CompareAsync(RunningHost host, string query, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await using var telling = ConsoleProgress.Tell(() => string.Create(CultureInfo.InvariantCulture, $"The host compares, for {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s now."));
        return await host.SendAsync(HttpMethod.Post, "reconcile" + (query.Length > 0 ? "?" + query : string.Empty), cancellationToken);
    }

    private static void Show(JsonElement result, bool repair)
    {
        Console.WriteLine($"{result.GetProperty("accounts")} accounts, {result.GetProperty("leads")} of them leads, {result.GetProperty("onTheirWay")} of those on their way to Dub.");
        var differences = result.GetProperty("differences");
        if (differences.GetArrayLength() == 0)
        {
            Console.WriteLine("Nothing differs.");
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("customer", "differs by", "repaired");
        foreach (var difference in differences.EnumerateArray())
        {
            table.AddRow(difference.GetProperty("customer").ToString(), difference.GetProperty("kind").ToString(), difference.GetProperty("repaired").GetBoolean() ? "yes" : "no");
        }

        AnsiConsole.Write(table);
        foreach (var count in result.GetProperty("counts").EnumerateObject())
        {
            Console.WriteLine($"{count.Value} {count.Name}");
        }

        Console.WriteLine(repair ? "What can be mended is mended, or on its way." : "Nothing was changed; --repair mends it.");
    }
}
