using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>The stand-in as a process of its own.</summary>
public sealed class DubStandInCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-stand-in-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Command_ServesWithItsKeyAndAClockOfOthers()
    {
        var file = Path.Combine(_folder.FullName, "clock");
        await using var process = await HostProcess.StartAsync(
            ["dub-stand-in", "--port", "0", "--api-key", "dub_test", "--seed", "7", "--limit", "50", "--clock", file, "--speed", "8640"]);
        using var clock = new SharedClock(file);
        using var http = new HttpClient { BaseAddress = new Uri(Setting(process, "DUB_API_URL")) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Setting(process, "DUB_API_KEY"));
        var cancellationToken = TestContext.Current.CancellationToken;

        using var planted = await http.PostAsJsonAsync("/_stand-in/clicks", new { ids = new[] { DubCaller.Click } }, cancellationToken);
        var before = clock.GetUtcNow();
        Assert.True(await IsRecordedAsync());
        Assert.False(await IsRecordedAsync());
        clock.Jump(TimeSpan.FromDays(7));
        await Poll.UntilAsync(IsRecordedAsync, "the key has expired on the shared clock");

        await Poll.UntilAsync(async () => (await http.GetFromJsonAsync<JsonElement>("/_stand-in/leads", cancellationToken)).GetArrayLength() == 2, "there are two leads");
        var leads = await http.GetFromJsonAsync<JsonElement>("/_stand-in/leads", cancellationToken);
        Assert.All(leads.EnumerateArray(), lead => Assert.True(lead.GetProperty("recordedAt").GetDateTimeOffset() >= before));
        Assert.Equal("dub_test", Setting(process, "DUB_API_KEY"));
        Assert.Contains("for development only", process.Output, StringComparison.Ordinal);
        Assert.Contains("Seed 7.", process.Output, StringComparison.Ordinal);

        async Task<bool> IsRecordedAsync()
        {
            using var response = await http.PostAsync("/track/lead", new StringContent(DubCaller.LeadCall().ToJsonString()), cancellationToken);
            return response.StatusCode == HttpStatusCode.OK && (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).HasLink();
        }
    }

    [Theory]
    [InlineData("loopback only", "--urls", "http://0.0.0.0:5090")]
    [InlineData("--urls is no address", "--urls", "nonsense")]
    [InlineData("--port is not a port", "--port", "70000")]
    [InlineData("--faults is not a share", "--faults", "1.5")]
    [InlineData("--speed needs a clock", "--speed", "8640")]
    [InlineData("--speed is a number above 0", "--speed", "0")]
    [InlineData("--clock: ", "--clock", "/nowhere/at/all")]
    [InlineData("--api-key: ", "--api-key", "key")]
    [InlineData("--webhook is no address", "--webhook", "nonsense")]
    [InlineData("'--nonsense'", "--nonsense")]
    public async Task FaultyOption_StartsNothingAndSaysWhy(string said, params string[] options)
    {
        var (exitCode, output) = await HostProcess.RunAsync(["dub-stand-in", .. options]);

        Assert.Equal(2, exitCode);
        Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static string Setting(HostProcess process, string name)
        => process.Output.Split('\n').Single(line => line.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];
}
