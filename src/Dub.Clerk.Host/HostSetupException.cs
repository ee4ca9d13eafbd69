namespace Dub.Clerk.Host;

/// <summary>The host cannot start as it is set up. The message says what to change; no stack trace helps with it.</summary>
internal sealed class HostSetupException(string message) : Exception(message);
