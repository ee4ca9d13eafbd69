namespace Dub.Clerk.Host;

/// <summary>The host cannot start as it is set up. Each fault says what to change; no stack trace helps with it.</summary>
internal sealed class HostSetupException(params IReadOnlyList<string> faults) : Exception(string.Join(' ', faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
