using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dub.Clerk.Host.Commands.Example;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Documentation;

/// <summary>The host's README, typed as it stands there.</summary>
public sealed class ByHandTests
{
    [Fact]
    public async Task LinkAndLeadByHand_AreMadeAndListed()
    {
        await using var host = await HostFixture.StartAsync();
        var readme = await File.ReadAllTextAsync(
            Path.Combine(NextApp.Find(AppContext.BaseDirectory)!, "..", "..", "src", "Dub.Clerk.Host", "README.md"), TestContext.Current.CancellationToken);
        var commands = Regex.Match(readme, "```sh\n(curl .*?)```", RegexOptions.Singleline).Groups[1].Value;

        var said = await TypeAsync(commands.Replace("5080", host.Origin.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));

        var click = Regex.Match(said, "^location: https://example\\.com/pricing\\?dub_id=([0-9A-Za-z]{16})\r?$", RegexOptions.Multiline | RegexOptions.IgnoreCase).Groups[1].Value;
        Assert.True(click.Length > 0, said);
        using var events = JsonDocument.Parse(said[(said.LastIndexOf("}[", StringComparison.Ordinal) + 1)..]);
        var lead = Assert.Single(events.RootElement.EnumerateArray());
        Assert.Equal((click, "user_1"), (lead.GetProperty("click").GetProperty("id").GetString(), lead.GetProperty("customer").GetProperty("externalId").GetString()));
    }

    private static async Task<string> TypeAsync(string commands)
    {
        var start = new ProcessStartInfo("bash", ["-euc", "command -v curl >/dev/null || exit 127\n" + commands]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DUBCLERK_API_KEY"] = HostFixture.ApiKey;
        start.Environment["NO_PROXY"] = "localhost";
        try
        {
            using var shell = Process.Start(start)!;
            var faults = shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var said = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.SkipWhen(shell.ExitCode == 127, "curl is not installed.");
            Assert.True(shell.ExitCode == 0, await faults);
            return said;
        }
        catch (Win32Exception)
        {
            Assert.Skip("bash is not installed.");
            throw;
        }
    }
}
