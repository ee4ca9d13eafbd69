using System.Text.Json;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Commands;

/// <summary>The first thing a newcomer runs.</summary>
public sealed class DemoTests(ITestOutputHelper output)
{
    [Fact]
    public async Task DemoOnce_PlaysEveryCaseAndExitsWithZero()
    {
        var (exitCode, text) = await HostProcess.RunAsync(["demo", "--once"]);

        output.WriteLine(text);
        Assert.Equal(0, exitCode);
        Assert.Contains("All 11 came out as they must.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DemoAsJson_IsOneLine()
    {
        var (exitCode, text) = await HostProcess.RunAsync(["demo", "--json"]);

        Assert.Equal(0, exitCode);
        var outcome = JsonElement.Parse(text);
        Assert.True(outcome.GetProperty("passed").GetBoolean());
        Assert.Equal(11, outcome.GetProperty("cases").GetArrayLength());
        Assert.Equal(4, outcome.GetProperty("funnel").GetProperty("leads").GetInt32());
    }
}
