namespace Dub.Clerk.Host.Commands;

/// <summary>What the exit code of every command says. Scripts and service managers rely on it: 2 does not get better by trying again.</summary>
internal static class ExitCode
{
    /// <summary>Done, and all is well.</summary>
    public const int Done = 0;

    /// <summary>It ran, and failed or found something that is not as it should be.</summary>
    public const int Failed = 1;

    /// <summary>Nothing was done: wrong arguments or settings. Also what System.CommandLine cannot parse.</summary>
    public const int Misused = 2;
}
