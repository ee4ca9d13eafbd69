using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>outbox</c>: what waits to be delivered and what was given up, and what to do about it. Asks a running host.</summary>
internal static class OutboxCommand
{
    private static readonly Option<string?> Address = RunningHost.AddressOption();
    private static readonly Option<string?> Key = RunningHost.KeyOption();
    private static readonly Option<string> Destination = new("--destination") { Description = "dub, clerk or local.", DefaultValueFactory = _ => "dub" };
    private static readonly Argument<string> Customer = new("customer") { Description = "Its external id: for a sign-up the Clerk user id." };
    private static readonly Argument<string?> Item = new("item") { Description = "As it is listed, such as 12/lead:…; all dead letters when left out.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string> OneItem = new("item") { Description = "As it is listed, such as 12/lead:…" };

    public static Command Create()
    {
        var command = new Command("outbox", "Show what waits for each destination of a running host, and whether anything keeps it.") { Address, Key };
        Do(command, (host, _, cancellationToken) => SummarizeAsync(host, cancellationToken));

        var waiting = new Command("waiting", "List what waits, longest first.") { Address, Key, Destination };
        Do(waiting, (host, parsed, cancellationToken) => ListAsync(host, $"outbox/{Escaped(parsed)}/waiting", cancellationToken));
        var dead = new Command("dead", "List dead letters, latest first.") { Address, Key, Destination };
        Do(dead, (host, parsed, cancellationToken) => ListAsync(host, $"outbox/{Escaped(parsed)}/dead", cancellationToken));
        var show = new Command("show", "Show what became of a customer's leads, attempt by attempt.") { Customer, Address, Key };
        Do(show, (host, parsed, cancellationToken) => ListAsync(host, $"outbox/customers/{Uri.EscapeDataString(parsed.GetRequiredValue(Customer))}", cancellationToken, withHistory: true));
        var replay = new Command("replay", "Try a dead letter again, or all of them.") { Item, Address, Key, Destination };
        Do(replay, (host, parsed, cancellationToken) => CountAsync(
            host, HttpMethod.Post, parsed.GetValue(Item) is { } item ? $"outbox/{Escaped(parsed)}/{Path(item)}/replay" : $"outbox/{Escaped(parsed)}/replay", "tried again", cancellationToken));
        var drop = new Command("drop", "Give a dead letter up for good.") { OneItem, Address, Key, Destination };
        Do(drop, (host, parsed, cancellationToken) => CountAsync(
            host, HttpMethod.Delete, $"outbox/{Escaped(parsed)}/{Path(parsed.GetRequiredValue(OneItem))}", "dropped", cancellationToken));

        foreach (var subcommand in new[] { waiting, dead, show, replay, drop })
        {
            command.Subcommands.Add(subcommand);
        }

        return command;
    }

    private static void Do(Command command, Func<RunningHost, ParseResult, CancellationToken, Task> run)
        => command.SetAction((parsed, cancellationToken) => StartupFaults.ReportAsync(async () =>
        {
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens);
            using var host = RunningHost.Open(parsed.GetValue(Address), parsed.GetValue(Key));
            await run(host, parsed, cancellationToken);
            return 0;
        }));

    private static async Task SummarizeAsync(RunningHost host, CancellationToken cancellationToken)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("destination", "served", "waiting", "oldest since", "dead letters", "kept back because");
        foreach (var row in (await host.SendAsync(HttpMethod.Get, "outbox", cancellationToken)).EnumerateArray())
        {
            table.AddRow(Cells(row, "destination", "served", "waiting", "oldestSince", "dead", "closedBecause"));
        }

        AnsiConsole.Write(table);
    }

    private static async Task ListAsync(RunningHost host, string path, CancellationToken cancellationToken, bool withHistory = false)
    {
        var listed = await host.SendAsync(HttpMethod.Get, path, cancellationToken);
        var table = new Table().Border(TableBorder.Rounded).AddColumns("item", "customer", "state", "stage", "attempts", "at", "last error");
        foreach (var row in listed.EnumerateArray())
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

    private static async Task CountAsync(RunningHost host, HttpMethod method, string path, string what, CancellationToken cancellationToken)
        => Console.WriteLine($"{(await host.SendAsync(method, path, cancellationToken)).GetProperty("count")} {what}.");

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
