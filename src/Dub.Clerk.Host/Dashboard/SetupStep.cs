namespace Dub.Clerk.Host.Dashboard;

/// <summary>How a part of the setup stands.</summary>
public enum SetupState
{
    /// <summary>It works, as far as it was seen.</summary>
    Done,

    /// <summary>Set, and not seen to work yet.</summary>
    Waiting,

    /// <summary>It is set and does not work.</summary>
    Broken,

    /// <summary>Not set; the rest works without.</summary>
    Optional,
}

/// <summary>A part of the setup.</summary>
/// <param name="Title">What.</param>
/// <param name="State">How it stands.</param>
/// <param name="Said">In words.</param>
/// <param name="Next">What to do; null for nothing.</param>
public sealed record SetupStep(string Title, SetupState State, string Said, string? Next = null);
