namespace Dub.Clerk.Host.Doctor;

/// <summary>Compares this machine's clock with those that the other examinations came by.</summary>
internal sealed class ClockExamination(Probe probe) : IExamination
{
    /// <summary>As much as Clerk's own SDK forgives a session token.</summary>
    private static readonly TimeSpan Forgiven = TimeSpan.FromSeconds(5);

    /// <summary>A Date header and the way here cannot tell less.</summary>
    private static readonly TimeSpan Measurable = TimeSpan.FromSeconds(2);

    public string Subject => "Clock";

    public Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<Finding>>(probe.Clocks.Count == 0
            ? [Finding.NotChecked("Nobody answered whose clock this machine's could be compared with.")]
            : [.. probe.Clocks.OrderBy(clock => clock.Key, StringComparer.Ordinal).Select(clock => Judge(clock.Key, clock.Value))]);

    private static Finding Judge(string name, TimeSpan ahead)
    {
        var off = ahead.Duration();
        if (off <= Measurable)
        {
            return Finding.Ok($"This machine's clock agrees with that of {name}.");
        }

        var said = $"This machine's clock is {Math.Round(off.TotalSeconds)} s {(ahead < TimeSpan.Zero ? "ahead of" : "behind")} that of {name}.";
        const string remedy = "Let both machines take their time from NTP (timedatectl set-ntp true): session tokens are refused when a clock is 5 s off, webhooks at 5 minutes.";
        return off <= Forgiven ? Finding.Note(said, remedy) : Finding.Fault(said, remedy);
    }
}
