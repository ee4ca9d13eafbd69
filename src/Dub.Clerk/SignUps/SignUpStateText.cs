namespace Dub.Clerk.SignUps;

/// <summary>How states are written in the store and on the wire.</summary>
internal static class SignUpStateText
{
    public const string Tracked = "tracked";
    public const string NotAttributed = "not-attributed";
    public const string Pending = "pending";

    /// <summary>In the store only: pending until Dub has answered.</summary>
    public const string Proving = "proving";

    public static string Code(this SignUpState state) => state switch
    {
        SignUpState.Tracked => Tracked,
        SignUpState.NotAttributed => NotAttributed,
        _ => Pending,
    };
}
