using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dub.Clerk.Testing;
using YamlDotNet.RepresentationModel;

namespace Dub.Clerk.Tests.Documentation;

/// <summary>Every Markdown file of the repository: its links lead somewhere, and its code is code.</summary>
public sealed class MarkdownTests
{
    /// <summary>How each language is looked at. <c>text</c> is what a program prints.</summary>
    private static readonly Dictionary<string, Action<CodeBlock>> Checks = new(StringComparer.Ordinal)
    {
        ["csharp"] = block => CheckLifted(block, ["src", "tests"], "*.cs"),
        ["ts"] = block => CheckLifted(block, ["examples/NextApp"], "*.ts"),
        ["tsx"] = block => CheckLifted(block, ["examples/NextApp"], "*.tsx"),
        ["sh"] = ShellBlock.Check,
        ["json"] = block => JsonDocument.Parse(block.Code).Dispose(),
        ["html"] = CheckScriptTags,
        ["yaml"] = block => new YamlStream().Load(new StringReader(block.Code)),
        ["ini"] = CheckIni,
        ["dockerfile"] = block => Assert.All(Logical(block), line => Assert.Matches("^(#|(ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|RUN|USER|VOLUME|WORKDIR) )", line)),
        // By Node, all together: below.
        ["js"] = _ => { },
        ["text"] = _ => { },
    };

    public static TheoryData<string> Files => [.. MarkdownFile.All.Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void Links_LeadToFilesAndHeadingsThatExist(string file)
        => Assert.All(MarkdownFile.All[file].Links.Where(link => !Regex.IsMatch(link, "^(https?|mailto):")), link =>
        {
            var (path, anchor) = link.Split('#', 2) is [var before, var after] ? (before, after) : (link, null);
            var target = path.Length == 0 ? file : Path.GetRelativePath(SourceTree.Root, Path.Combine(SourceTree.Root, Path.GetDirectoryName(file)!, path)).Replace('\\', '/');
            Assert.False(target.StartsWith("..", StringComparison.Ordinal), $"{link} leads out of the repository.");
            Assert.True(Path.Exists(Path.Combine(SourceTree.Root, target)), $"{link}: no such file.");
            if (anchor is not null && target.EndsWith(".md", StringComparison.Ordinal))
            {
                Assert.True(MarkdownFile.All[target].Anchors.Contains(anchor), $"{link}: no such heading.");
            }
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void Code_IsWhatItSaysItIs(string file)
        => Assert.All(MarkdownFile.All[file].Blocks, block =>
        {
            Assert.True(Checks.TryGetValue(block.Language, out var check), $"{block.Where}: nothing checks the language '{block.Language}'.");
            check(block);
        });

    [Theory]
    [InlineData("sh", "dotnet run --project src/Dub.Clerk.Host -- serv")]
    [InlineData("sh", "dotnet run --project src/Dub.Clerk.Host -- outbox --hots http://localhost")]
    [InlineData("sh", "dotnet run --project src/Dub.Clerk.Gone -- demo")]
    [InlineData("sh", "dotnet run --project tests/Dub.Clerk.Tests -- -class '*NoSuchTests'")]
    [InlineData("sh", "cd examples/NextApp && npm run nothing")]
    [InlineData("sh", "curl http://localhost:5080 | unheard-of")]
    [InlineData("csharp", "builder.Services.AddDubClerkToo();")]
    [InlineData("json", "{\"a\":}")]
    [InlineData("yaml", "a: [1")]
    [InlineData("html", "<script data-unheard-of='{}'></script>")]
    public void CodeThatIsWrong_IsFound(string language, string code) => Assert.ThrowsAny<Exception>(() => Checks[language](new CodeBlock("here", language, code)));

    [Fact]
    public async Task JavaScript_IsParsedByNode()
    {
        var modules = MarkdownFile.All.Values.SelectMany(file => file.Blocks).Where(block => block.Language == "js").ToList();
        Assert.NotEmpty(modules);
        var folder = Directory.CreateTempSubdirectory("dub-docs-");
        try
        {
            foreach (var block in modules)
            {
                var module = Path.Combine(folder.FullName, "block.mjs");
                await File.WriteAllTextAsync(module, block.Code, TestContext.Current.CancellationToken);
                using var node = Start("node", "--check", module);
                var said = await node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
                await node.WaitForExitAsync(TestContext.Current.CancellationToken);
                Assert.True(node.ExitCode == 0, $"{block.Where}: {said}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Process Start(string program, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed.");
            throw;
        }
    }

    /// <summary>Its lines stand, in this order, in one file that is compiled.</summary>
    private static void CheckLifted(CodeBlock block, string[] folders, string pattern)
    {
        // How an app begins and ends is not ours to show by running it.
        var lines = Lines(block.Code).Except(["var builder = WebApplication.CreateBuilder(args);", "app.Run();"]).ToList();
        Assert.NotEmpty(lines);
        var furthest = folders.SelectMany(folder => Sources.Below(folder, pattern)).Select(source => Reached(lines, Lines(source))).Max();
        Assert.True(furthest == lines.Count, $"{block.Where}: no compiled file has, in this order, all up to '{lines.ElementAtOrDefault(furthest)}'.");
    }

    private static int Reached(List<string> lines, IEnumerable<string> source)
    {
        var reached = 0;
        foreach (var line in source)
        {
            reached += reached < lines.Count && line == lines[reached] ? 1 : 0;
        }

        return reached;
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Tags are closed, and what our script is told it understands.</summary>
    private static void CheckScriptTags(CodeBlock block)
    {
        var script = Sources.Read("src/Dub.Clerk.Host/Browsers/script.js");
        Assert.Equal(Regex.Count(block.Code, "<script[ >]"), Regex.Count(block.Code, "</script>"));
        Assert.All(Regex.Matches(block.Code, " data-([a-z-]+)=").Select(match => match.Groups[1].Value), name =>
            Assert.Contains(Regex.Replace(name, "-([a-z])", match => match.Groups[1].Value.ToUpperInvariant()), script));
        Assert.All(Regex.Matches(block.Code, "='(\\{.*?\\})'").Select(match => match.Groups[1].Value), json => JsonDocument.Parse(json).Dispose());
    }

    private static void CheckIni(CodeBlock block)
    {
        Assert.Matches("^\\s*([#;].*\\s+)*\\[", block.Code);
        Assert.All(Logical(block), line => Assert.Matches("^([#;].*|\\[[A-Za-z][\\w.-]*\\]|[A-Za-z][\\w.-]*\\s*=.*)$", line));
    }

    /// <summary>Lines, with those that a backslash continues.</summary>
    private static IEnumerable<string> Logical(CodeBlock block) => Lines(block.Code.Replace("\\\n", " ", StringComparison.Ordinal));
}
