using System.Diagnostics;

namespace Dub.Clerk.Host.Tests.Embedded;

/// <summary>A disk of its own at a folder, as small as the test wants it.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    /// <summary>Skips the test where no disk can be mounted.</summary>
    public static SmallDisk Mount(string folder, int megabytes)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder) == 0, "A small disk is mounted for this, which needs Linux and root.");
        return new SmallDisk(folder);
    }

    public void Dispose() => Run("umount", _folder);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
