namespace Dub.Clerk.Host.Moving;

/// <summary>Nothing was moved, or not all. The message says why and what to do, and names nobody.</summary>
internal sealed class MoveException(string message) : Exception(message);
