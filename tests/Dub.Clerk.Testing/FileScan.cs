using System.Text;

namespace Dub.Clerk.Testing;

/// <summary>Looks through every byte of the files in a folder.</summary>
internal static class FileScan
{
    /// <summary>The files in which any of the marks stands, as UTF-8 or UTF-16, and which.</summary>
    public static IReadOnlyList<string> Find(string folder, params IReadOnlyCollection<string> marks)
    {
        var found = new List<string>();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is not ("lock" or "store.sock")))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            found.AddRange(marks
                .Where(mark => new[] { Encoding.UTF8, Encoding.Unicode }.Any(encoding => bytes.AsSpan().IndexOf(encoding.GetBytes(mark)) >= 0))
                .Select(mark => $"{Path.GetRelativePath(folder, file)}: {mark}"));
        }

        return found;
    }
}
