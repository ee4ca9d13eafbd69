using Dub.Clerk.Testing;
using PublicApiGenerator;

namespace Dub.Clerk.Tests.Conventions;

/// <summary>The public surface, as a text that a reviewer reads.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void PublicApi_IsAsApproved()
    {
        var actual = typeof(DubClerkOptions).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] }).ReplaceLineEndings("\n").Trim() + "\n";

        var difference = Snapshot.Differs("tests/Dub.Clerk.Tests/Conventions/Dub.Clerk.PublicApi.txt", actual);
        Assert.True(difference is null, $"The public API changed. {difference}, and say it in the changelog.");
    }
}
