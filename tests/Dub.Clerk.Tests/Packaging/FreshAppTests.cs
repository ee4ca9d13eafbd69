using System.Text.RegularExpressions;
using System.Xml.Linq;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Packaging;

/// <summary>What the README promises to somebody who begins: an empty app, the package, three lines.</summary>
public sealed class FreshAppTests(PackedLibrary packed) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-fresh-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task EmptyAppWithThePackageAndTheReadmesThreeLines_TakesASignUp()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await WriteNuGetConfigAsync();
        await DotnetCommand.RunAsync(_folder.FullName, "new", "web", "--name", "Fresh", "--output", ".", "--no-restore");
        var (exitCode, added) = await DotnetCommand.TryAsync(_folder.FullName, "add", "package", "Dub.Clerk", "--version", PackedLibrary.Version);
        Assert.SkipWhen(added.Contains("NU1301", StringComparison.Ordinal), "No package source answers, and NuGet asks for versions that this repository's restore steps over.");
        Assert.True(exitCode == 0, added);
        var program = Path.Combine(_folder.FullName, "Program.cs");
        await File.WriteAllTextAsync(program, WithTheThreeLines(await File.ReadAllTextAsync(program, TestContext.Current.CancellationToken)), TestContext.Current.CancellationToken);
        var built = await DotnetCommand.RunAsync(_folder.FullName, "build", "--no-restore", "--output", "built");

        Assert.Contains("0 Warning(s)", built, StringComparison.Ordinal);
        await PublishedApp.TakesASignUpAsync("dotnet", Path.Combine(_folder.FullName, "built", "Fresh.dll"));
    }

    /// <summary>The sources of this machine and the packed library; what the machine has restored before is not fetched, and nothing is left behind there.</summary>
    private async Task WriteNuGetConfigAsync()
    {
        var restored = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var config = new XElement(
            "configuration",
            new XElement("config", Add("globalPackagesFolder", Path.Combine(_folder.FullName, "packages"))),
            new XElement("fallbackPackageFolders", Add("restored", restored)),
            new XElement("packageSources", Add("packed", await packed.FeedAsync())));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "nuget.config"), config.ToString(), TestContext.Current.CancellationToken);

        static XElement Add(string key, string value) => new("add", new XAttribute("key", key), new XAttribute("value", value));
    }

    /// <summary>The README's: services in front of the app, the rest behind it.</summary>
    private static string WithTheThreeLines(string program)
    {
        var snippet = Regex.Match(File.ReadAllText(Path.Combine(SourceTree.Root, "README.md")), "```csharp\n(.*?)\n\n(.*?)```", RegexOptions.Singleline);
        Assert.True(snippet.Success);
        const string Build = "var app = builder.Build();\n";
        var lines = program.ReplaceLineEndings("\n");
        Assert.Contains(Build, lines, StringComparison.Ordinal);
        return lines.Replace(Build, $"{snippet.Groups[1].Value}\n{Build}{snippet.Groups[2].Value}", StringComparison.Ordinal);
    }
}
