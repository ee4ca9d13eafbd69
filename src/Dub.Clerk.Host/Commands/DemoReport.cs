using System.Globalization;
using Dub.Clerk.SignUps;
using Spectre.Console;

namespace Dub.Clerk.Host.Commands;

/// <summary>Shows what the demo came to, to a person.</summary>
internal static class DemoReport
{
    public static void Show(DemoOutcome outcome, TimeSpan ready)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("", "What happened", "Became", "Leads", "Why");
        foreach (var result in outcome.Cases)
        {
            table.AddRow(
                new Markup(result.Fault is null ? "[green]ok[/]" : "[red]WRONG[/]"),
                new Text(result.Who),
                new Text(result.State),
                new Text(result.Leads.ToString(CultureInfo.InvariantCulture)),
                new Text(result.Fault ?? NoLeadReasonText.Parse(result.Reason).Sentence()));
        }

        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Dub.Clerk was serving {ready.TotalSeconds:F1} s after its start. Clicks, sign-ups and attacks over real HTTP, with real signatures:");
        AnsiConsole.Write(table);
        AnsiConsole.Write(new BarChart().Width(60)
            .AddItem("clicks", outcome.Funnel.Clicks, Color.Blue)
            .AddItem("sign-ups", outcome.Funnel.SignUps, Color.Teal)
            .AddItem("leads", outcome.Funnel.Leads, Color.Green));

        var wrong = outcome.Cases.Count(result => result.Fault is not null);
        AnsiConsole.MarkupLine(wrong == 0 ? $"[green]All {outcome.Cases.Count} came out as they must.[/]" : $"[red]{wrong} of {outcome.Cases.Count} came out wrong.[/]");
    }
}
