using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests;

/// <summary>How many inputs a property test generates: a few thousand in a short run, a million when <c>DUBCLERK_LONG</c> is 1. CsCheck prints
/// the seed of a failure; give it back by the environment variable <c>CsCheck_Seed</c>.</summary>
internal static class Inputs
{
    public static readonly long Count = LongRun.IsAsked ? 1_000_000 : 3_000;

    /// <summary>Of those that are sent to a host.</summary>
    public static readonly long OverHttp = LongRun.IsAsked ? 1_000_000 : 600;
}
