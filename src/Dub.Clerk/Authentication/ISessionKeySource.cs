namespace Dub.Clerk.Authentication;

/// <summary>Where the keys that sign session tokens come from.</summary>
internal interface ISessionKeySource
{
    /// <summary>The keys in force. Answers at once.</summary>
    SessionKeySet Current { get; }

    /// <summary>The keys are so old that newer ones are worth waiting for before a token is accepted.</summary>
    bool IsOverdue { get; }

    /// <summary>The keys were last asked for in vain.</summary>
    bool IsFailing { get; }

    /// <summary>Asks for newer keys, because a token did not fit <paramref name="seen"/>.</summary>
    /// <returns>True when there are other keys now and the token deserves a second look. Never throws.</returns>
    Task<bool> RefreshAsync(SessionKeySet seen);
}
