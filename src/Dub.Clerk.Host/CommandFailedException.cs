namespace Dub.Clerk.Host;

/// <summary>A command was understood and could not do what it was told. The message says why and what to do; no stack trace helps with it. What is
/// wrong with how it was called or set up is a <see cref="HostSetupException"/>.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
