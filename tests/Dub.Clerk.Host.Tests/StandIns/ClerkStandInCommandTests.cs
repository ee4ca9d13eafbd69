using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.StandIns;

public sealed class ClerkStandInCommandTests
{
    [Theory]
    [InlineData("clerk-stand-in", "--webhooks", "somewhere")]
    [InlineData("clerk-stand-in", "twice", "")]
    [InlineData("example", "elsewhere", "")]
    public async Task WhatCannotBe_IsSaidWithoutAStackTrace(string command, string argument, string value)
    {
        var (exitCode, output) = await HostProcess.RunAsync([.. new[] { command, argument, value }.Where(each => each.Length > 0)]);

        Assert.Equal(2, exitCode);
        Assert.Contains("Dub.Clerk cannot start", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
