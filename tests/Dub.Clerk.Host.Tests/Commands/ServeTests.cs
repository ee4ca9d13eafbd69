using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Commands;

/// <summary>How the server starts, and how it says that it cannot.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-serve-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ProductionWithoutSettings_ExitsWithTwoAndNamesThem()
    {
        var (exitCode, output) = await HostProcess.RunAsync([], Settings(("CLERK_PUBLISHABLE_KEY", "sk_live_0123456789")));

        Assert.Equal(2, exitCode);
        foreach (var fault in (string[])["DUBCLERK_API_KEY is not set", "CLERK_WEBHOOK_SIGNING_SECRET is not set", "CLERK_PUBLISHABLE_KEY: ", "DubClerk:AuthorizedParties is empty"])
        {
            Assert.Contains("- " + fault, output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("sk_live_0", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dmeo")]
    [InlineData("demo", "--twice")]
    [InlineData("outbox", "drop", "12/lead:x", "two")]
    public async Task MisspeltCommandOrOption_StartsNothing(params string[] words)
    {
        var (exitCode, output) = await HostProcess.RunAsync(words, Settings(("ASPNETCORE_ENVIRONMENT", "Development")));

        Assert.Equal(2, exitCode);
        Assert.Contains($"'{words[^1]}'", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.FullName, "data")));
    }

    [Fact]
    public async Task DataFolderThatIsAFile_ExitsWithOneAndSaysSo()
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, string.Empty, TestContext.Current.CancellationToken);

        var (exitCode, output) = await HostProcess.RunAsync([], Settings(
            ("DUBCLERK_API_KEY", "0123456789abcdef0123"), ("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), ("DUBCLERK_DATA_DIR", file)));

        Assert.Equal(1, exitCode);
        Assert.Contains("DUBCLERK_DATA_DIR", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Development_MakesMissingSecretsKeepsThemAndStaysOnLoopback()
    {
        var settings = Settings(("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"));
        string first;
        await using (var host = await HostProcess.ServeAsync(settings))
        {
            first = SecretLine(host.Output);
        }

        await using (var again = await HostProcess.ServeAsync(settings))
        {
            Assert.Equal(first, SecretLine(again.Output));
        }

        settings["ASPNETCORE_URLS"] = "http://0.0.0.0:0";
        var (exitCode, refused) = await HostProcess.RunAsync([], settings);
        Assert.Equal(2, exitCode);
        Assert.Contains("loopback only", refused, StringComparison.Ordinal);
        settings["ASPNETCORE_URLS"] = "localhost:5399";
        var (noAddress, said) = await HostProcess.RunAsync([], settings);
        Assert.Equal(2, noAddress);
        Assert.Contains("no address to listen on", said, StringComparison.Ordinal);
        Assert.StartsWith("DUBCLERK_API_KEY was not set; this one is for development: dub_", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecondHostOnTheSameFolder_ExitsWithOneAndSaysSo()
    {
        using var clerk = new ClerkStandIn();
        var settings = Settings(
            ("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("DUBCLERK_API_KEY", "0123456789abcdef0123"), ("CLERK_WEBHOOK_SIGNING_SECRET", clerk.WebhookSecret));
        await using var host = await HostProcess.ServeAsync(settings);

        var (exitCode, output) = await HostProcess.RunAsync([], settings);

        Assert.Equal(1, exitCode);
        Assert.Contains("in use by another Dub.Clerk host", output, StringComparison.Ordinal);
    }

    private static string SecretLine(string output) => output.Split('\n').First(line => line.Contains("for development", StringComparison.Ordinal));

    private Dictionary<string, string?> Settings(params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["DUBCLERK_DATA_DIR"] = Path.Combine(_folder.FullName, "data"),
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return settings;
    }
}
