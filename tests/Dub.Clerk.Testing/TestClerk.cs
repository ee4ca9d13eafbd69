using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Testing;

/// <summary>The Clerk instance of all tests that need but one: its key takes longer to make than most tests take. Who needs a stranger makes another.</summary>
internal static class TestClerk
{
    public static ClerkStandIn Instance { get; } = new();
}
