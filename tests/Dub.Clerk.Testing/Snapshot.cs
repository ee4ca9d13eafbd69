namespace Dub.Clerk.Testing;

/// <summary>A text that a reviewer reads, and that changes only when it is meant to.</summary>
internal static class Snapshot
{
    /// <returns>Null when it is as approved; else what to do, with the new text written beside it.</returns>
    public static string? Differs(string approvedPath, string actual)
    {
        var approved = Path.Combine(SourceTree.Root, approvedPath);
        if (File.Exists(approved) && File.ReadAllText(approved) == actual)
        {
            return null;
        }

        var received = Path.Combine(Path.GetDirectoryName(approved)!, "bin", Path.GetFileName(approved));
        Directory.CreateDirectory(Path.GetDirectoryName(received)!);
        File.WriteAllText(received, actual);
        return $"If that is meant, copy {received} over {approved}";
    }
}
