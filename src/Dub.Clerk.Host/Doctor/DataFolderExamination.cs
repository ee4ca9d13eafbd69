using System.Globalization;
using System.Runtime.Versioning;
using Dub.Clerk.Host.Embedded;

namespace Dub.Clerk.Host.Doctor;

/// <summary>The folder of the embedded store. Nothing is made in it that was not there.</summary>
internal static class DataFolderExamination
{
    private const long Little = 100L << 20;
    private const long Enough = 1L << 30;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static IEnumerable<Finding> Examine(string? folder)
    {
        if (folder is null)
        {
            return [Finding.NotChecked("The data folder is not known, so it is not looked at.")];
        }

        if (!Directory.Exists(folder))
        {
            return [Finding.Note($"The data folder {folder} does not exist; the host makes it at its first start.")];
        }

        try
        {
            // Before the folder is opened, which closes it to others.
            List<Finding> permissions = OperatingSystem.IsWindows() ? [] : [.. Permissions(folder)];
            return [Use(folder), .. permissions, Space(folder)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [Finding.Fault($"The data folder {folder} cannot be used: {e.Message}", "Make it a folder that the host's user owns, or name another in DUBCLERK_DATA_DIR.")];
        }
    }

    private static Finding Use(string folder)
    {
        try
        {
            if (DataFolder.HasStore(folder))
            {
                using var mine = DataFolder.Open(folder);
                mine.ProbeWrite();
            }
            else
            {
                using var probe = new FileStream(Path.Combine(folder, "probe"), FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
                probe.WriteByte(0);
            }

            return Finding.Ok($"The data folder {folder} can be written.");
        }
        catch (EmbeddedStoreException e)
        {
            return e.IsInUse ? Finding.Ok($"The data folder {folder} is in use by a running host, which knows how its store is: see Host.") : Finding.FromMessage(FindingState.Fault, e.Message);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static IEnumerable<Finding> Permissions(string folder)
    {
        var secrets = Path.Combine(folder, "secrets");
        string[] kept = [.. Directory.Exists(secrets) ? Directory.GetFiles(secrets) : [], .. DataFolder.HasStore(folder) ? [folder] : Array.Empty<string>()];
        var open = kept.Where(path => (File.GetUnixFileMode(path) & Others) != 0).Order(StringComparer.Ordinal).ToList();
        if (open.Count > 0)
        {
            yield return Finding.Fault($"Others on this machine may read {string.Join(", ", open)}.", $"chmod -R go= {folder}");
        }
    }

    private static Finding Space(string folder)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        var said = string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1L << 30):N1} GiB are free there.");
        return free < Little ? Finding.Fault(said, "Make room: a full disk means that nothing is recorded.") : free < Enough ? Finding.Note(said, "Make room in time: a full disk means that nothing is recorded.") : Finding.Ok(said);
    }
}
