using System.Diagnostics;
using System.Runtime.InteropServices;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Packaging;

/// <summary>An app compiled ahead of time, without the parts that nobody seems to use: the whole way of a sign-up through it.</summary>
public sealed class NativeAppTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-native-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task PublishedAsNativeCode_BuildsWithoutAWarningAndTakesASignUp()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Native code is compiled on Linux here.");
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        Assert.SkipUnless(File.Exists("/usr/bin/gcc") || File.Exists("/usr/bin/clang"), "Linking native code needs gcc or clang (Debian: apt-get install gcc zlib1g-dev).");
        var linker = File.Exists("/usr/bin/clang") ? "clang" : "gcc";

        var started = Stopwatch.GetTimestamp();
        var (exitCode, published) = await DotnetCommand.TryAsync(
            SourceTree.Root,
            "publish", "tests/Dub.Clerk.AotSmoke", "-r", RuntimeInformation.RuntimeIdentifier, "--artifacts-path", Path.Combine(_folder.FullName, "build"), "-o", Path.Combine(_folder.FullName, "app"),
            "-p:PublishAot=true", $"-p:CppCompilerAndLinker={linker}", "-v", "q");
        Assert.SkipWhen(published.Contains("error NU1", StringComparison.Ordinal), "The native compiler's package (Microsoft.DotNet.ILCompiler) cannot be restored here.");

        Assert.True(exitCode == 0, published);
        Assert.DoesNotContain("warning", published, StringComparison.OrdinalIgnoreCase);
        var program = new FileInfo(Path.Combine(_folder.FullName, "app", "Dub.Clerk.AotSmoke"));
        output.WriteLine($"{program.Length / 1e6:F1} MB, published in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
        await PublishedApp.TakesASignUpAsync(program.FullName);
    }
}
