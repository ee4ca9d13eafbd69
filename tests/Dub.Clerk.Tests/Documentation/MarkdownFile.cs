using System.Text;
using System.Text.RegularExpressions;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Documentation;

/// <summary>A Markdown file of the repository: its headings, links and code.</summary>
internal sealed partial class MarkdownFile
{
    private static readonly HashSet<string> NotOurs = new(["bin", "obj", "node_modules", "artifacts", "TestResults"], StringComparer.Ordinal);

    private MarkdownFile(string path)
    {
        Path = path;
        Text = File.ReadAllText(System.IO.Path.Combine(SourceTree.Root, path)).ReplaceLineEndings("\n");
        var (prose, blocks) = Split(path, Text);
        (Prose, Blocks) = (prose, blocks);
        Anchors = AnchorsOf(prose).ToHashSet(StringComparer.Ordinal);
        Links = [.. LinkTarget().Matches(InlineCode().Replace(prose, string.Empty)).Select(match => match.Groups[1].Value)];
    }

    /// <summary>All there are, whoever wrote them; not what packages or builds have left here.</summary>
    public static IReadOnlyDictionary<string, MarkdownFile> All { get; } =
        FilesBelow(new DirectoryInfo(SourceTree.Root)).ToDictionary(path => path, path => new MarkdownFile(path), StringComparer.Ordinal);

    /// <summary>From the root of the repository, with slashes.</summary>
    public string Path { get; }

    public string Text { get; }

    /// <summary>The text without its blocks of code.</summary>
    public string Prose { get; }

    public IReadOnlyList<CodeBlock> Blocks { get; }

    /// <summary>What may stand behind <c>#</c>, as code hosts make it from the headings.</summary>
    public IReadOnlySet<string> Anchors { get; }

    public IReadOnlyList<string> Links { get; }

    /// <summary>The section under a heading, up to the next of its level; nothing where there is none.</summary>
    public string Section(string heading)
        => Regex.Match(Text, $"^## {Regex.Escape(heading)}\n(.*?)(?=^## |\\z)", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;

    private static IEnumerable<string> FilesBelow(DirectoryInfo folder)
        => folder.EnumerateFiles("*.md").Select(file => System.IO.Path.GetRelativePath(SourceTree.Root, file.FullName).Replace('\\', '/'))
            .Concat(folder.EnumerateDirectories().Where(below => !below.Name.StartsWith('.') && !NotOurs.Contains(below.Name)).SelectMany(FilesBelow));

    private static (string Prose, List<CodeBlock> Blocks) Split(string path, string text)
    {
        var prose = new StringBuilder();
        var blocks = new List<CodeBlock>();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                prose.Append(lines[i]).Append('\n');
                continue;
            }

            var start = i;
            var indent = lines[i].Length - lines[i].TrimStart().Length;
            var code = new List<string>();
            while (++i < lines.Length && lines[i].Trim() != "```")
            {
                code.Add(lines[i].Length >= indent ? lines[i][indent..] : lines[i]);
            }

            Assert.True(i < lines.Length, $"{path}:{start + 1}: a block of code that does not end.");
            blocks.Add(new CodeBlock($"{path}:{start + 1}", lines[start].Trim()[3..], string.Join('\n', code)));
        }

        return (prose.ToString(), blocks);
    }

    private static IEnumerable<string> AnchorsOf(string prose)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Match heading in Heading().Matches(prose))
        {
            var anchor = NotInAnchor().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-');
            yield return seen.TryGetValue(anchor, out var times) ? $"{anchor}-{times}" : anchor;
            seen[anchor] = times + 1;
        }
    }

    [GeneratedRegex("^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("[^\\p{L}\\p{N} _-]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex("\\]\\(([^)\\s]+)\\)")]
    private static partial Regex LinkTarget();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex InlineCode();
}

/// <summary>A fenced block.</summary>
/// <param name="Where">File and line.</param>
/// <param name="Language">What stands behind the fence.</param>
/// <param name="Code">Its lines.</param>
internal sealed record CodeBlock(string Where, string Language, string Code);
