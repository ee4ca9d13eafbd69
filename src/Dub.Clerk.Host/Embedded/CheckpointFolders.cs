namespace Dub.Clerk.Host.Embedded;

/// <summary>What is in the data folder of checkpoints: those that count, and what is left of those that did not come about, for which Garnet does not
/// care.</summary>
internal static class CheckpointFolders
{
    private static readonly string[] Kinds = ["cpr-checkpoints", "index-checkpoints"];

    public static string[] In(string dataFolder) =>
        [.. Kinds.Select(kind => Path.Combine(dataFolder, "Store", "checkpoints", kind)).Where(Directory.Exists).SelectMany(Directory.GetDirectories)];

    public static void Delete(IEnumerable<string> folders)
    {
        foreach (var folder in folders)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Garnet was faster.
            }
        }
    }
}
