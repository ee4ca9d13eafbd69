using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>Clerk's own browser code, which the stand-in serves as Clerk does. It is fetched from npm, checked against the digests here, and
/// kept in this user's data folder.</summary>
internal static class ClerkScripts
{
    private const int Attempts = 3;

    private static readonly Package[] Packages =
    [
        new("clerk-js", "6.40.0", "clerk.browser", "2MnZ/ygvuCmeuqfXQmsxfQaLN/SSJvQbtT2cLXbgr5VKr3KmZFZBVvX977fG3eZ6pprl4J9pO+I2bbe6BvColg=="),
        new("ui", "1.34.0", "ui", "EP6Wcf+iqV5hJRMjfmVSOb7wWEgt2DuUOnR3Yv/ULPdmGgGWa64oc4tB4VfD66z8nXgtXqHEXNNnGURAOfQ7vQ=="),
    ];

    public static string DefaultFolder { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "Dub.Clerk", "clerk-scripts");

    /// <summary>Whether they have been fetched.</summary>
    public static bool AreIn(string folder) => Packages.All(package => File.Exists(Path.Combine(folder, package.Folder, package.Main)));

    /// <summary>Fetches what is missing.</summary>
    /// <exception cref="CommandFailedException">npm is missing or failed, or what came is not what was published.</exception>
    public static async Task FetchAsync(string folder, CancellationToken cancellationToken)
    {
        foreach (var package in Packages.Where(package => !File.Exists(Path.Combine(folder, package.Folder, package.Main))))
        {
            var work = Directory.CreateTempSubdirectory("clerk-scripts-");
            try
            {
                var archive = await PackAsync(package, work.FullName, cancellationToken);
                await ExtractAsync(package, archive, Path.Combine(work.FullName, "dist"), cancellationToken);
                Keep(Path.Combine(work.FullName, "dist"), Path.Combine(folder, package.Folder));
            }
            finally
            {
                work.Delete(recursive: true);
            }
        }
    }

    /// <summary>Where a script is that the browser asks for, such as <c>clerk-js@6</c> and <c>clerk.browser.js</c>.</summary>
    public static string? Find(string folder, string requested, string file)
    {
        var package = Array.Find(Packages, package => requested.StartsWith(package.Name + "@", StringComparison.Ordinal));
        var path = package is null || Path.GetFileName(file) != file ? null : Path.Combine(folder, package.Folder, file);
        return File.Exists(path) ? path : null;
    }

    private static async Task<string> PackAsync(Package package, string folder, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["pack", $"@clerk/{package.Name}@{package.Version}", "--silent"])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var npm = Start(start);
            var errors = npm.StandardError.ReadToEndAsync(cancellationToken);
            await npm.StandardOutput.ReadToEndAsync(cancellationToken);
            await npm.WaitForExitAsync(cancellationToken);
            if (npm.ExitCode == 0 && Directory.GetFiles(folder, "*.tgz") is [var archive])
            {
                return archive;
            }

            if (attempt == Attempts)
            {
                throw new CommandFailedException($"npm could not fetch @clerk/{package.Name} {package.Version}, which is needed once: {(await errors).Trim()}");
            }
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new CommandFailedException("npm was not found. Clerk's browser code comes from npm: install Node.js 20 or later.");
        }
    }

    /// <summary>Only what a browser loads: the entry, and the chunks built with it.</summary>
    private static async Task ExtractAsync(Package package, string archive, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await using var file = File.OpenRead(archive);
        if (Convert.ToBase64String(await SHA512.HashDataAsync(file, cancellationToken)) != package.Sha512)
        {
            throw new CommandFailedException($"@clerk/{package.Name} {package.Version} is not what was published: its SHA-512 differs.");
        }

        file.Position = 0;
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        while (await tar.GetNextEntryAsync(cancellationToken: cancellationToken) is { } entry)
        {
            var name = Path.GetFileName(entry.Name);
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && entry.Name == $"package/dist/{name}" && package.IsForBrowsers(name))
            {
                await entry.ExtractToFileAsync(Path.Combine(folder, name), overwrite: true, cancellationToken);
            }
        }
    }

    /// <summary>All at once, so that nobody finds half of it.</summary>
    private static void Keep(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        var staging = Directory.CreateDirectory(to + "-" + Guid.NewGuid().ToString("N"));
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(staging.FullName, Path.GetFileName(file)));
        }

        try
        {
            staging.MoveTo(to);
        }
        catch (IOException) when (Directory.Exists(to))
        {
            // Somebody else was faster.
            staging.Delete(recursive: true);
        }
    }

    private sealed record Package(string Name, string Version, string Mark, string Sha512)
    {
        public string Folder => $"{Name}-{Version}";

        public string Main => Name == "ui" ? "ui.browser.js" : "clerk.browser.js";

        public bool IsForBrowsers(string file) => file == Main || (file.Contains($"_{Mark}_", StringComparison.Ordinal) && file.EndsWith(".js", StringComparison.Ordinal));
    }
}
