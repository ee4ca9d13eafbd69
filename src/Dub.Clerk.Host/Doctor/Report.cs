using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.Dashboard;

namespace Dub.Clerk.Host.Doctor;

/// <summary>Findings for a person, or for a script.</summary>
internal sealed class Report(IReadOnlyList<Findings> all, Secrecy secrecy)
{
    private const int MarkWidth = 13;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool HasFault => Count(FindingState.Fault) > 0;

    public void WriteText(TextWriter output)
    {
        foreach (var (subject, items) in all)
        {
            output.WriteLine(subject);
            foreach (var (state, said, remedy) in items)
            {
                output.WriteLine("  " + Mark(state).PadRight(MarkWidth) + secrecy.Mask(said));
                if (remedy is not null)
                {
                    output.WriteLine(new string(' ', MarkWidth + 2) + "-> " + secrecy.Mask(remedy));
                }
            }

            output.WriteLine();
        }

        output.WriteLine($"{Spoken.Count(Count(FindingState.Fault), "fault")}, {Spoken.Count(Count(FindingState.Note), "note")}, {Count(FindingState.Ok)} ok, {Count(FindingState.NotChecked)} not checked.");
    }

    public void WriteJson(TextWriter output) => output.WriteLine(new JsonObject
    {
        ["healthy"] = !HasFault,
        ["faults"] = Count(FindingState.Fault),
        ["findings"] = new JsonArray([.. from subject in all
                                         from finding in subject.Items
                                         select (JsonNode)new JsonObject
                                         {
                                             ["subject"] = subject.Subject,
                                             ["state"] = Mark(finding.State).ToLowerInvariant(),
                                             ["said"] = secrecy.Mask(finding.Said),
                                             ["remedy"] = finding.Remedy is null ? null : secrecy.Mask(finding.Remedy),
                                         }]),
    }.ToJsonString(Readable));

    private int Count(FindingState state) => all.Sum(subject => subject.Items.Count(finding => finding.State == state));

    private static string Mark(FindingState state) => state switch
    {
        FindingState.Ok => "ok",
        FindingState.Note => "note",
        FindingState.Fault => "FAULT",
        _ => "not checked",
    };
}
