using System.Collections.Concurrent;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Documentation;

/// <summary>The code beside the documentation.</summary>
internal static class Sources
{
    private static readonly HashSet<string> NotOurs = new(["bin", "obj", "node_modules"], StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<(string, string), IReadOnlyList<string>> Known = new();

    public static string Read(string path) => File.ReadAllText(Path.Combine(SourceTree.Root, path));

    /// <summary>The texts of a folder's files, without what builds and packages put there.</summary>
    public static IReadOnlyList<string> Below(string folder, string pattern)
        => Known.GetOrAdd((folder, pattern), _ => [.. Files(new DirectoryInfo(Path.Combine(SourceTree.Root, folder)), pattern).Select(file => File.ReadAllText(file.FullName).ReplaceLineEndings("\n"))]);

    private static IEnumerable<FileInfo> Files(DirectoryInfo folder, string pattern)
        => folder.EnumerateFiles(pattern)
            .Concat(folder.EnumerateDirectories().Where(below => !NotOurs.Contains(below.Name) && !below.Name.StartsWith(".next", StringComparison.Ordinal)).SelectMany(below => Files(below, pattern)));
}
