namespace Dub.Clerk.Host.Doctor;

/// <summary>How a part of an installation was found.</summary>
internal enum FindingState
{
    Ok,

    /// <summary>It works, and deserves a look.</summary>
    Note,

    /// <summary>It does not work, or not safely.</summary>
    Fault,

    /// <summary>It could not be seen, or was not asked for.</summary>
    NotChecked,
}

/// <summary>What was found.</summary>
/// <param name="State">How it is.</param>
/// <param name="Said">One sentence.</param>
/// <param name="Remedy">What to do; null for nothing.</param>
internal sealed record Finding(FindingState State, string Said, string? Remedy = null)
{
    public static Finding Ok(string said) => new(FindingState.Ok, said);

    public static Finding Note(string said, string? remedy = null) => new(FindingState.Note, said, remedy);

    public static Finding Fault(string said, string remedy) => new(FindingState.Fault, said, remedy);

    public static Finding NotChecked(string said, string? remedy = null) => new(FindingState.NotChecked, said, remedy);

    /// <summary>From the message of a check that a start makes too, which ends in its remedy.</summary>
    public static Finding FromMessage(FindingState state, string message)
    {
        foreach (var end in (ReadOnlySpan<string>)[". ", "; "])
        {
            if (message.IndexOf(end, StringComparison.Ordinal) is > 0 and var at)
            {
                return new Finding(state, message[..at] + ".", char.ToUpperInvariant(message[at + end.Length]) + message[(at + end.Length + 1)..]);
            }
        }

        return new Finding(state, message);
    }
}

/// <summary>The findings about one subject, such as the store.</summary>
internal sealed record Findings(string Subject, IReadOnlyList<Finding> Items);
