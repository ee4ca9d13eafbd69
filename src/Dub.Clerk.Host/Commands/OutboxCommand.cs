using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>outbox</c>: what waits to be delivered and what was given up, and what to do about it. Asks a running host.</summary>
internal static class OutboxCommand
{
    private static readonly Option<string?> Address = RunningHost.AddressOption();
    private static readonly Option<string?> Key = RunningHost.KeyOption();
    private static readonly Option<string> Destination = new("--destination") { Description = "Which destination's: dub, clerk or local.", DefaultValueFactory = _ => "dub" };
    private static readonly Option<bool> Json = JsonOutput.Option();
    private static readonly Argument<string> Customer = new("customer") { Description = "The customer's external id: for a sign-up the Clerk user id, user_…" };
    private static readonly Argument<string?> Item = new("item") { Description = "The dead letter, as it is listed: 12/lead:…; all of the destination's when left out.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string> OneItem = new("item") { Description = "The dead letter, as it is listed: 12/lead:…" };

    public static Command Create()
    {
        var command = new CommandWithExamples(
            "outbox",
            "Show what waits for each destination of a running host, and whether anything keeps it. Exits with 1 when something is kept back or was given up.",
            "outbox",
            "outbox dead --destination clerk",
            "outbox show user_29w83sxmDNGwOuEthce5gg56FcC --json",
            "outbox replay") { Address, Key, Json };
        Do(command, HttpMethod.Get, _ => "outbox", Summarize, isWell: destinations => destinations.EnumerateArray().All(IsWell));

        var waiting = new Command("waiting", "List what waits, longest first.") { Address, Key, Destination, Json };
        Do(waiting, HttpMethod.Get, parsed => $"outbox/{Escaped(parsed)}/waiting", rows => List(rows, "Nothing waits."));
        var dead = new Command("dead", "List dead letters, latest first.") { Address, Key, Destination, Json };
        Do(dead, HttpMethod.Get, parsed => $"outbox/{Escaped(parsed)}/dead", rows => List(rows, "There are no dead letters."));
        var show = new Command("show", "Show what became of a customer's leads, attempt by attempt.") { Customer, Address, Key, Json };
        Do(show, HttpMethod.Get, parsed => $"outbox/customers/{Uri.EscapeDataString(parsed.GetRequiredValue(Customer))}", rows => List(rows, "Nothing was or is to be delivered for this customer.", withHistory: true));
        var replay = new Command("replay", "Try a dead letter again, or all of a destination's.") { Item, Address, Key, Destination, Json };
        Do(replay, HttpMethod.Post, parsed => parsed.GetValue(Item) is { } item ? $"outbox/{Escaped(parsed)}/{Path(item)}/replay" : $"outbox/{Escaped(parsed)}/replay", result => Count(result, "tried again"));
        var drop = new Command("drop", "Give a dead letter up for good.") { OneItem, Address, Key, Destination, Json };
        Do(drop, HttpMethod.Delete, parsed => $"outbox/{Escaped(parsed)}/{Path(parsed.GetRequiredValue(OneItem))}", result => Count(result, "dropped"));

        foreach (var subcommand in new[] { waiting, dead, show, replay, drop })
        {
            command.Subcommands.Add(subcommand);
        }

        return command;
    }

    private static void Do(Command command, HttpMethod method, Func<ParseResult, string> path, Action<JsonElement> show, Func<JsonElement, bool>? isWell = null)
        => command.SetAction((parsed, cancellationToken) => StartupFaults.ReportRefusalsAsync(async () =>
        {
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens);
            using var host = RunningHost.Open(parsed.GetValue(Address), parsed.GetValue(Key));
            var result = await host.SendAsync(method, path(parsed), cancellationToken);
            (parsed.GetValue(Json) ? JsonOutput.Print : show)(result);
            return isWell?.Invoke(result) is false ? ExitCode.Failed : ExitCode.Done;
        }));

    private static bool IsWell(JsonElement destination) => destination.GetProperty("dead").GetInt64() == 0 && destination.GetProperty("closedBecause").ValueKind is JsonValueKind.Null;

    private static void Summarize(JsonElement destinations)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("destination", "served", "waiting", "oldest since", "dead letters", "kept back because");
        foreach (var row in destinations.EnumerateArray())
        {
            table.AddRow(Cells(row, "destination", "served", "waiting", "oldestSince", "dead", "closedBecause"));
        }

        AnsiConsole.Write(table);
    }

    private static void List(JsonElement items, string none, bool withHistory = false)
    {
        if (items.GetArrayLength() == 0)
        {
            Console.WriteLine(none);
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("item", "customer", "state", "stage", "attempts", "at", "last error");
        foreach (var row in items.EnumerateArray())
        {
            var item = new Text($"{row.GetProperty("partition")}/{row.GetProperty("item").GetString()}");
            table.AddRow([item, .. Cells(row, "customer", "state", "stage", "attempts", "at", "error")]);
            foreach (var attempt in withHistory ? row.GetProperty("history").EnumerateArray().AsEnumerable() : [])
            {
                table.AddRow([new Text(string.Empty), .. Cells(attempt, "at", "call", "outcome", "detail")]);
            }
        }

        AnsiConsole.Write(table);
    }

    private static void Count(JsonElement result, string what) => Console.WriteLine($"{result.GetProperty("count")} {what}.");

    private static Text[] Cells(JsonElement row, params ReadOnlySpan<string> names)
    {
        var cells = new Text[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            cells[i] = new Text(row.GetProperty(names[i]).ToString());
        }

        return cells;
    }

    private static string Escaped(ParseResult parsed) => Uri.EscapeDataString(parsed.GetRequiredValue(Destination));

    private static string Path(string item) => item.Split('/', 2) is [var partition, var rest]
        ? $"{Uri.EscapeDataString(partition)}/{Uri.EscapeDataString(rest)}"
        : throw new HostSetupException("An item is named as it is listed: its partition, a slash, and the item, such as 12/lead:…");
}
