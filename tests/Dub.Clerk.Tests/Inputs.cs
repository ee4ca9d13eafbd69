namespace Dub.Clerk.Tests;

/// <summary>How many inputs a property test generates: a few thousand in a short run, a million when <c>DUBCLERK_LONG</c> is 1. CsCheck prints
/// the seed of a failure; give it back by the environment variable <c>CsCheck_Seed</c>.</summary>
internal static class Inputs
{
    public static readonly long Count = Environment.GetEnvironmentVariable("DUBCLERK_LONG") == "1" ? 1_000_000 : 3_000;
}
