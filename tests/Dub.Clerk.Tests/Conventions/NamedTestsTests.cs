using System.Text.RegularExpressions;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Conventions;

/// <summary>A table of attacks is worth what its tests are: each one that it names exists.</summary>
public sealed partial class NamedTestsTests
{
    private static readonly string Tests = Path.Combine(SourceTree.Root, "tests");

    private static readonly Lazy<HashSet<string>> Known = new(() =>
    {
        var sources = Directory.EnumerateFiles(Tests, "*.cs", SearchOption.AllDirectories).Where(file => !Path.GetRelativePath(Tests, file).Split(Path.DirectorySeparatorChar).Contains("obj"));
        var vectors = Directory.EnumerateFiles(Path.Combine(Tests, "Dub.Clerk.Tests", "Vectors"), "*.json");
        return
        [
            .. sources.Select(File.ReadAllText).SelectMany(text => TestMethod().Matches(text).Concat(TestClass().Matches(text))).Select(match => match.Groups[1].Value),
            .. Attack().Matches(File.ReadAllText(Path.Combine(Tests, "Dub.Clerk.Tests", "Authentication", "SessionTokenAttacks.cs"))).Select(match => match.Groups[1].Value),
            .. vectors.Select(File.ReadAllText).SelectMany(text => Vector().Matches(text)).Select(match => match.Groups[1].Value),
        ];
    });

    [Theory]
    [InlineData("SECURITY.md", "## Threats", 25)]
    [InlineData("src/Dub.Clerk/README.md", "## What is refused", 25)]
    public void EveryTestInTheTable_Exists(string file, string heading, int atLeast)
    {
        var text = File.ReadAllText(Path.Combine(SourceTree.Root, file));
        var section = NextSection().Split(text[(text.IndexOf(heading, StringComparison.Ordinal) + heading.Length)..])[0];
        var rows = section.Split('\n').Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal)).ToList();
        var named = rows.SelectMany(row => Code().Matches(row.TrimEnd('|', ' ').Split(" | ")[^1])).Select(match => match.Groups[1].Value).ToList();

        Assert.InRange(named.Count, atLeast, 1000);
        Assert.All(named, name => Assert.True(Known.Value.Any(known => Regex.IsMatch(known, $"^{Regex.Escape(name).Replace("…", ".*", StringComparison.Ordinal)}$")), name));
    }

    [GeneratedRegex(@"public (?:static )?(?:async )?(?:Task|void) (\w+_\w+)\(")]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"class (\w+(?:Tests|Contract))\b")]
    private static partial Regex TestClass();

    [GeneratedRegex("""^\s*\["([^"]+)"\] = """, RegexOptions.Multiline)]
    private static partial Regex Attack();

    [GeneratedRegex("""^\s*"name": "([^"]+)",""", RegexOptions.Multiline)]
    private static partial Regex Vector();

    [GeneratedRegex("^## ", RegexOptions.Multiline)]
    private static partial Regex NextSection();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
