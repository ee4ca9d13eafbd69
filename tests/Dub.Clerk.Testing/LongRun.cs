namespace Dub.Clerk.Testing;

/// <summary>Whether somebody has time: <c>DUBCLERK_LONG=1</c> makes the tests that repeat something at random repeat it far more often.</summary>
internal static class LongRun
{
    public static bool IsAsked { get; } = Environment.GetEnvironmentVariable("DUBCLERK_LONG") == "1";
}
