using Dub.Clerk.Testing;
using PublicApiGenerator;

namespace Dub.Clerk.Tests.Conventions;

/// <summary>The public surface, as a text that a reviewer reads.</summary>
public sealed class PublicApiTests
{
    private const string Snapshot = "Dub.Clerk.PublicApi.txt";

    [Fact]
    public void PublicApi_IsAsApproved()
    {
        var actual = typeof(DubClerkOptions).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] }).ReplaceLineEndings("\n").Trim() + "\n";
        var folder = Path.Combine(SourceTree.Root, "tests", "Dub.Clerk.Tests", "Conventions");
        var approved = Path.Combine(folder, Snapshot);
        if (File.Exists(approved) && File.ReadAllText(approved) == actual)
        {
            return;
        }

        var received = Path.Combine(folder, "bin", Snapshot);
        Directory.CreateDirectory(Path.GetDirectoryName(received)!);
        File.WriteAllText(received, actual);
        Assert.Fail($"The public API changed. If that is meant, copy {received} over {approved}, and say it in the changelog.");
    }
}
