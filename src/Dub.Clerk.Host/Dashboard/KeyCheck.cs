using Dub.Clerk.Host.Doctor;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>Asks Dub and Clerk whether they take our keys, as the command <c>doctor</c> does.</summary>
internal sealed class KeyCheck(LiveOptions options, TimeProvider time)
{
    public bool CanAsk => options.Current.DubApiKey is not null || options.Current.ClerkSecretKey is not null;

    /// <returns>What was found with each key that is set.</returns>
    public async Task<IReadOnlyList<SetupStep>> AskAsync(CancellationToken cancellationToken)
    {
        using var probe = new Probe(time);
        var current = options.Current;
        IExamination[] examinations =
        [
            .. current.DubApiKey is null ? Array.Empty<IExamination>() : [new DubExamination(current, probe)],
            .. current.ClerkSecretKey is null ? Array.Empty<IExamination>() : [new ClerkExamination(current, new ClerkKeySets(current, probe))],
        ];
        var found = await Task.WhenAll(examinations.Select(async examination => (examination.Subject, Items: await examination.ExamineAsync(cancellationToken))));
        return [.. from subject in found from finding in subject.Items select new SetupStep(subject.Subject, StateOf(finding.State), finding.Said, finding.Remedy)];
    }

    private static SetupState StateOf(FindingState state) => state switch
    {
        FindingState.Ok => SetupState.Done,
        FindingState.Fault => SetupState.Broken,
        FindingState.Note => SetupState.Optional,
        _ => SetupState.Waiting,
    };
}
