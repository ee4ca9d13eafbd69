using Dub.Clerk.Conversions;

namespace Dub.Clerk.SignUps;

/// <summary>Which click brought the user, if any did: the whole decision, as a function of what is known.</summary>
internal static class SignUpRules
{
    /// <summary>A click older than this, counted back from the account's creation, is forgotten: as long as Dub's cookie lives.</summary>
    public static readonly TimeSpan ClickWindow = TimeSpan.FromDays(90);

    /// <summary>Clocks differ, so a click a little after the account's creation may still have come before it.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <summary>The first sighting came so late that the account was no new one.</summary>
    public static bool IsExistingUser(DateTimeOffset createdAt, DateTimeOffset seenAt, TimeSpan newAccountWindow) => seenAt - createdAt > newAccountWindow;

    /// <summary>Whether a click may have brought the user.</summary>
    public static NoLeadReason JudgeClick(DateTimeOffset createdAt, Click? click) => click switch
    {
        null => NoLeadReason.UnknownClick,
        _ when click.Timestamp > createdAt + ClockTolerance => NoLeadReason.ClickAfterSignUp,
        _ when click.Timestamp < createdAt - ClickWindow => NoLeadReason.OutsideWindow,
        _ => NoLeadReason.None,
    };
}
