namespace Dub.Clerk.Host.Doctor;

/// <summary>Examines an installation from the outside in.</summary>
internal static class Checkup
{
    /// <summary>For one subject, whatever hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<IReadOnlyList<Findings>> RunAsync(Installation installation, CancellationToken cancellationToken)
    {
        using var probe = new Probe(installation.Time);
        var clerk = new ClerkKeySets(installation.Options, probe);
        var settings = await RunAsync([new SettingsExamination(installation), new OriginExamination(installation)], cancellationToken);
        var services = await RunAsync(
            [
                new ClerkExamination(installation.Options, clerk), new DubExamination(installation.Options, probe), new StoreExamination(installation, probe),
                new HostExamination(installation, probe),
            ],
            cancellationToken);

        // A name that nobody knows is a fault where other names are known.
        var outside = await RunAsync(
            [
                new WebhookExamination(installation, probe),
                .. installation.Options.DubWebhookSecrets.Count > 0 ? [new DubWebhookExamination(installation, probe)] : Array.Empty<IExamination>(),
                new TokenExamination(installation, clerk),
            ],
            cancellationToken);
        var clocks = await RunAsync([new ClockExamination(probe)], cancellationToken);
        return [.. outside[..^1], .. settings, .. services, outside[^1], .. clocks];
    }

    private static async Task<Findings[]> RunAsync(IExamination[] examinations, CancellationToken cancellationToken)
        => await Task.WhenAll(examinations.Select(examination => RunAsync(examination, cancellationToken)));

    private static async Task<Findings> RunAsync(IExamination examination, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return new Findings(examination.Subject, await examination.ExamineAsync(patience.Token).WaitAsync(patience.Token));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new Findings(examination.Subject, [Finding.NotChecked($"This could not be examined ({e.GetType().Name}).")]);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Findings(examination.Subject, [Finding.NotChecked($"There was no answer within {Patience.TotalSeconds:N0} seconds.")]);
        }
    }
}
