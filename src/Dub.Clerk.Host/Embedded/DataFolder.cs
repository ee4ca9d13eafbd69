using System.Globalization;

namespace Dub.Clerk.Host.Embedded;

/// <summary>The folder that holds the store: private to this user, and held by one process at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    /// <summary>The layout this build writes. Raise it when an older build could not read what a newer one left.</summary>
    private const int Format = 1;

    private const int ProbeSize = 1 << 20;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream lockFile)
    {
        Path = path;
        _lock = lockFile;
    }

    public string Path { get; }

    /// <summary>Whether a host has ever kept a store in it.</summary>
    public static bool HasStore(string path) => File.Exists(FormatFile(path));

    /// <exception cref="EmbeddedStoreException">The folder cannot be written, is in use, or was left by a newer build.</exception>
    public static DataFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        FileStream? lockFile = null;
        try
        {
            CreatePrivate(path);
            lockFile = Lock(path);
            CheckFormat(path);
            return new DataFolder(path, lockFile);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            lockFile?.Dispose();
            throw new EmbeddedStoreException(
                $"The data folder {path} cannot be written: {error.Message} Make it a folder that this user owns, or name another in DUBCLERK_DATA_DIR.",
                error);
        }
        catch
        {
            lockFile?.Dispose();
            throw;
        }
    }

    /// <summary>Tries whether there is room for more than the next few writes.</summary>
    public void ProbeWrite()
    {
        using var probe = new FileStream(
            System.IO.Path.Combine(Path, "probe"), FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.WriteThrough | FileOptions.DeleteOnClose);
        probe.Write(new byte[ProbeSize]);
    }

    public void Dispose() => _lock.Dispose();

    private static string FormatFile(string path) => System.IO.Path.Combine(path, "format");

    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, OwnerOnly);

        // Also when it existed before: what is in it, the socket above all, has no other protection.
        if (File.GetUnixFileMode(path) != OwnerOnly)
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    private static FileStream Lock(string path)
    {
        var file = System.IO.Path.Combine(path, "lock");
        try
        {
            // The operating system drops this lock with the process, so that a kill leaves nothing to clean up.
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(file) && error is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new EmbeddedStoreException(
                $"The data folder {path} is in use by another Dub.Clerk host. Stop that one, name another folder in DUBCLERK_DATA_DIR, " +
                "or let several hosts share one Redis with ConnectionStrings__Redis.",
                error)
            { IsInUse = true };
        }
    }

    private static void CheckFormat(string path)
    {
        var file = FormatFile(path);
        if (!File.Exists(file))
        {
            File.WriteAllText(file, Format.ToString(CultureInfo.InvariantCulture));
            return;
        }

        var text = File.ReadAllText(file).Trim();

        // Empty: the machine stopped between creating the file and writing it, before the store held anything.
        if (text.Length == 0)
        {
            File.WriteAllText(file, Format.ToString(CultureInfo.InvariantCulture));
            return;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var found) || found > Format)
        {
            throw new EmbeddedStoreException(
                $"The data folder {path} was written by a newer Dub.Clerk (format {text}, this one knows {Format}). " +
                "Run the newer version, or name another folder in DUBCLERK_DATA_DIR.");
        }
    }
}
