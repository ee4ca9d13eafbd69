using System.Text.Json;
using System.Text.RegularExpressions;
using Dub.Clerk.Host.Commands;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Documentation;

/// <summary>A block of commands: each names a program that is known, with projects, commands and options that exist.</summary>
internal static partial class ShellBlock
{
    private const string Host = "src/Dub.Clerk.Host";
    private const string Benchmarks = "tests/Dub.Clerk.Benchmarks";

    /// <summary>Others' programs, whose options are theirs.</summary>
    private static readonly HashSet<string> Others = new(
        [
            "cat", "chmod", "chown", "cloudflared", "cosign", "cp", "curl", "docker", "echo", "export", "git", "gh", "install", "journalctl", "kill", "kubectl", "mkdir",
            "mv", "openssl", "psql", "redis-cli", "redis-server", "rm", "sed", "sha256sum", "sudo", "svix", "systemctl", "systemd-analyze", "tail", "tar", "useradd",
        ],
        StringComparer.Ordinal);

    private static readonly HashSet<string> DotnetCommands = new(["add", "build", "format", "new", "nuget", "pack", "package", "publish", "restore", "test", "tool"], StringComparer.Ordinal);
    private static readonly HashSet<string> TestOptions = new(["-class", "-method", "-namespace", "-showLiveOutput"], StringComparer.Ordinal);

    public static void Check(CodeBlock block)
    {
        var folder = string.Empty;
        var commands = Split(block);
        Assert.True(commands.Count > 0, $"{block.Where}: no command.");
        foreach (var words in commands)
        {
            try
            {
                folder = Check(words, folder);
            }
            catch (Exception e)
            {
                Assert.Fail($"{block.Where}: {string.Join(' ', words)}: {e.Message}");
            }
        }
    }

    /// <returns>The folder that the next command runs in.</returns>
    private static string Check(List<string> words, string folder)
    {
        Assert.All(words.Where(word => OurPath().IsMatch(word)), word => Assert.True(Path.Exists(Path.Combine(SourceTree.Root, word)), $"There is no {word}."));
        switch (words)
        {
            case ["cd", var below]:
                Assert.True(Directory.Exists(Path.Combine(SourceTree.Root, folder, below)), "No such folder.");
                return Path.Combine(folder, below);
            case ["dotnet", "run", .. var run]:
                CheckRun(run);
                break;
            case ["dotnet", var command, ..]:
                Assert.Contains(command, DotnetCommands);
                break;
            case ["npm", "ci" or "install", ..]:
                Assert.True(File.Exists(Path.Combine(SourceTree.Root, folder, "package.json")), "There is no package.json.");
                break;
            case ["npm", .. var rest]:
                var script = rest.First(word => word != "run");
                using (var package = JsonDocument.Parse(Sources.Read(Path.Combine(folder, "package.json"))))
                {
                    Assert.True(package.RootElement.GetProperty("scripts").TryGetProperty(script, out _), $"There is no script {script}.");
                }

                break;
            case [var program, .. var arguments] when IsHost(program):
                CheckHost(arguments);
                break;
            case [var program, ..] when program.Contains('/', StringComparison.Ordinal):
                Assert.True(File.Exists(Path.Combine(SourceTree.Root, folder, program)), "No such program here.");
                break;
            default:
                Assert.Contains(words[0], Others);
                break;
        }

        return folder;
    }

    private static void CheckRun(List<string> words)
    {
        var own = words.TakeWhile(word => word != "--").ToList();
        var arguments = words.Skip(own.Count + 1).ToList();
        string? project = null;
        for (var i = 0; i < own.Count; i++)
        {
            Assert.Contains(own[i], (string[])["--project", "-c", "--no-build", "--no-launch-profile"]);
            project = own[i] == "--project" ? own[i + 1].TrimEnd('/') : project;
            i += own[i] is "--project" or "-c" ? 1 : 0;
        }

        Assert.NotNull(project);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(SourceTree.Root, project), "*.csproj"));
        if (project == Host)
        {
            CheckHost(arguments);
        }
        else if (project == Benchmarks)
        {
            Assert.True(arguments[0].StartsWith("--", StringComparison.Ordinal) || Sources.Read(Benchmarks + "/Program.cs").Contains($"case [\"{arguments[0]}\"", StringComparison.Ordinal), $"There is no {arguments[0]}.");
        }
        else
        {
            Assert.All(arguments.Where(word => word.StartsWith('-')), word => Assert.Contains(word, TestOptions));
            Assert.All(arguments.Where(word => word.StartsWith('*')), word =>
                Assert.Contains(Sources.Below(project, "*.cs"), source => Regex.IsMatch(source, $"class \\w*{Regex.Escape(word.Trim('*').Split('.')[^1])}")));
        }
    }

    private static void CheckHost(IReadOnlyList<string> arguments)
    {
        var parsed = HostCommands.Create().Parse(arguments);
        Assert.Empty(parsed.Errors.Select(error => error.Message));
        var isServer = parsed.CommandResult.Command.Name == "serve" || parsed.CommandResult.Command is System.CommandLine.RootCommand;
        // The server hands settings on, which begin with a hyphen; whatever else is left over was misspelt.
        Assert.Empty(isServer ? parsed.UnmatchedTokens.Take(1).Where(token => !token.StartsWith('-')) : parsed.UnmatchedTokens);
    }

    /// <summary>The host under the name that it is published or installed by.</summary>
    private static bool IsHost(string program)
        => Path.GetFileName(program) is "Dub.Clerk.Host" or "Dub.Clerk.Host.exe"
            || Regex.Match(Sources.Read(Host + "/Dub.Clerk.Host.csproj"), "<ToolCommandName>(.+)</ToolCommandName>").Groups[1].Value == program;

    /// <summary>The commands of a block, each as its words. What is piped is a command of its own; where it goes is left out.</summary>
    private static List<List<string>> Split(CodeBlock block)
    {
        var code = HereDocument().Replace(block.Code, string.Empty).Replace("\\\n", " ", StringComparison.Ordinal);
        var commands = new List<List<string>> { new() };
        foreach (Match token in Token().Matches(code))
        {
            if (token.Groups["end"].Success)
            {
                commands.Add([]);
            }
            else if (token.Groups["word"].Success && !(commands[^1].Count == 0 && Assignment().IsMatch(token.Value)))
            {
                commands[^1].Add(Quotes().Replace(token.Value, match => match.Groups[1].Value + match.Groups[2].Value));
            }
        }

        return [.. commands.Where(words => words.Count > 0)];
    }

    [GeneratedRegex("(?<comment>(?<=^|\\s)#[^\n]*)|(?<redirection>[0-9]?>>?\\s*[^\\s;&|]+|<\\s*[^\\s;&|]+)|(?<end>&&|\\|\\||[\n;|&])|(?<word>(?:'[^']*'|\"(?:\\\\.|[^\"\\\\])*\"|[^\\s;&|'\"])+)")]
    private static partial Regex Token();

    [GeneratedRegex("<<-?\\s*['\"]?(\\w+)['\"]?.*?\n\\1(?=\n|$)", RegexOptions.Singleline)]
    private static partial Regex HereDocument();

    [GeneratedRegex("^[A-Za-z_]\\w*=")]
    private static partial Regex Assignment();

    [GeneratedRegex("'([^']*)'|\"((?:\\\\.|[^\"\\\\])*)\"")]
    private static partial Regex Quotes();

    [GeneratedRegex("^(src|tests|examples)/[\\w./-]+$")]
    private static partial Regex OurPath();
}
