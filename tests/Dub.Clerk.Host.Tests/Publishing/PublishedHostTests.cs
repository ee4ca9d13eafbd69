using System.Diagnostics;
using System.Formats.Tar;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Xml.Linq;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Publishing;

/// <summary>What is installed on a server.</summary>
public sealed class PublishedHostTests(PublishedHost published, ITestOutputHelper output) : IClassFixture<PublishedHost>
{
    /// <summary>Takes the rights to write away from everything but the data folder, and then the rights of root; each program becomes the next.</summary>
    private const string Confine =
        "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro / && exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \"$@\"";

    [Fact]
    public async Task UserWithoutRightsOnAReadOnlySystem_TakesAWebhookAndStartsAgainWithIt()
    {
        var missing = WhyNotConfined();
        Assert.SkipWhen(missing is not null, missing ?? string.Empty);
        using var clerk = new ClerkStandIn();
        var data = Directory.CreateTempSubdirectory("dub-data-");
        try
        {
            Process.Start("chown", ["65534:65534", data.FullName]).WaitForExit();
            var secrets = Directory.CreateDirectory(Path.Combine(published.Folder, "secrets"));
            await File.WriteAllTextAsync(Path.Combine(secrets.FullName, "DUBCLERK_API_KEY"), "0123456789abcdef0123\n", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(secrets.FullName, "CLERK_WEBHOOK_SIGNING_SECRET"), clerk.WebhookSecret + "\n", TestContext.Current.CancellationToken);
            var environment = new Dictionary<string, string?>
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
                ["CLERK_PUBLISHABLE_KEY"] = clerk.PublishableKey,
                ["CLERK_JWT_KEY"] = clerk.PublicKeyPem,
                ["DubClerk__AuthorizedParties__0"] = "https://app.example.com",
                ["DUBCLERK_DATA_DIR"] = data.FullName,
                ["DUBCLERK_SECRETS_DIR"] = secrets.FullName,
                ["DOTNET_gcServer"] = "0",
                ["HOME"] = null,
            };

            await using (var host = await StartConfinedAsync(data, environment))
            {
                using var http = new HttpClient();
                var (_, delivery) = clerk.SignDelivery(clerk.UserCreated("user_1", DateTimeOffset.UtcNow), null, DateTimeOffset.UtcNow);
                delivery.RequestUri = new Uri(host.Address, "/webhooks/clerk");
                using var response = await http.SendAsync(delivery, TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }

            var started = Stopwatch.GetTimestamp();
            await using (var again = await StartConfinedAsync(data, environment))
            {
                output.WriteLine($"listening {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s after its start");
                Assert.Equal("no-click", await ReasonAsync(again, clerk));
                Assert.DoesNotContain("fail:", again.Output, StringComparison.Ordinal);
            }
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task ContainerImage_RunsWithoutRootAndSaysWhereItListensAndKeepsItsData()
    {
        var files = await ReadImageAsync();
        var manifest = JsonElement.Parse(files["manifest.json"])[0];
        var config = JsonElement.Parse(files[manifest.GetProperty("Config").GetString()!]).GetProperty("config");

        Assert.Equal(["dub-clerk:latest"], manifest.GetProperty("RepoTags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Equal("1654", config.GetProperty("User").GetString());
        Assert.Equal(["dotnet", "/app/Dub.Clerk.Host.dll"], config.GetProperty("Entrypoint").EnumerateArray().Select(word => word.GetString()));
        Assert.Equal(["8080/tcp"], config.GetProperty("ExposedPorts").EnumerateObject().Select(port => port.Name));
        var environment = config.GetProperty("Env").EnumerateArray().Select(variable => variable.GetString()).ToArray();
        Assert.Contains("ASPNETCORE_HTTP_PORTS=8080", environment);
        Assert.Contains("DUBCLERK_DATA_DIR=/home/app/data", environment);
        var labels = config.GetProperty("Labels");
        Assert.Equal("Dub.Clerk.Host", labels.GetProperty("org.opencontainers.image.title").GetString());
        Assert.Equal("MIT", labels.GetProperty("org.opencontainers.image.licenses").GetString());
        Assert.Equal(2, manifest.GetProperty("Layers").GetArrayLength());
        output.WriteLine($"image without its base: {new FileInfo(published.Image).Length / 1e6:F1} MB, one layer; folder: {Directory.GetFiles(published.Folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / 1e6:F1} MB");
    }

    [Fact]
    public void BaseImage_HasNoShellAndTheTimeZones()
    {
        var project = XDocument.Load(Path.Combine(SourceTree.Root, "src", "Dub.Clerk.Host", "Dub.Clerk.Host.csproj"));

        Assert.Equal("noble-chiseled-extra", project.Descendants("ContainerFamily").Single().Value);
    }

    [Fact]
    public void SystemdUnit_IsValidAndConfined()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is not here (Debian: apt-get install systemd)");
        // The unit as it stands but for the program, which is where these tests published it.
        var unit = Path.Combine(published.Folder, "dub-clerk.service");
        File.WriteAllText(unit, File.ReadAllText(Deployed("dub-clerk.service")).Replace("/opt/dub-clerk", published.Folder, StringComparison.Ordinal));

        Assert.Equal((0, string.Empty), Run("systemd-analyze", "verify", unit));
        // 0 is safe, 10 is open; in tenths.
        Assert.Equal(0, Run("systemd-analyze", "security", "--offline=yes", "--threshold=20", unit).ExitCode);
    }

    [Fact]
    public void ComposeFile_HandsEverySecretOverAsAFile()
    {
        var compose = File.ReadAllText(Deployed("compose.yaml"));

        foreach (var needed in (string[])["image: dub-clerk:latest", "--appendonly yes", "--appendfsync always", "--maxmemory-policy noeviction", "DUBCLERK_SECRETS_DIR: /run/secrets"])
        {
            Assert.Contains(needed, compose, StringComparison.Ordinal);
        }

        Assert.DoesNotMatch("(?m)^ +(DUBCLERK_API_KEY|CLERK_WEBHOOK_SIGNING_SECRET|ConnectionStrings__Redis): (?!{ file: )", compose);
    }

    private Task<HostProcess> StartConfinedAsync(DirectoryInfo data, Dictionary<string, string?> environment)
        => HostProcess.StartProgramAsync(
            "unshare", ["--mount", "--propagation", "private", "sh", "-c", Confine, data.FullName, "dotnet", Path.Combine(published.Folder, "Dub.Clerk.Host.dll")], environment);

    private static string? WhyNotConfined()
        => !OperatingSystem.IsLinux() ? "A read-only file system is set up with Linux's mounts."
            : !File.Exists("/usr/bin/unshare") || !File.Exists("/usr/bin/setpriv") ? "unshare and setpriv are not here (Debian: apt-get install util-linux)."
            : Run("unshare", "--mount", "--propagation", "private", "mount", "-o", "remount,bind,ro", "/") is { ExitCode: not 0 } ? "Mounts may not be changed here: that needs root."
            : null;

    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said + error.GetAwaiter().GetResult());
    }

    private static string Deployed(string file) => Path.Combine(SourceTree.Root, "src", "Dub.Clerk.Host", "Deploy", file);

    private static async Task<string?> ReasonAsync(HostProcess host, ClerkStandIn clerk)
    {
        using var http = new HttpClient { BaseAddress = host.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", clerk.MintSessionToken("user_1", DateTimeOffset.UtcNow));
        return JsonElement.Parse(await http.GetByteArrayAsync("/attribution", TestContext.Current.CancellationToken)).GetProperty("reason").GetString();
    }

    /// <summary>The JSON files of the image's archive.</summary>
    private async Task<Dictionary<string, byte[]>> ReadImageAsync()
    {
        await using var archive = File.OpenRead(published.Image);
        await using var tar = new TarReader(archive);
        Dictionary<string, byte[]> files = [];
        while (await tar.GetNextEntryAsync(copyData: false, TestContext.Current.CancellationToken) is { } entry)
        {
            if (entry is { DataStream: { } content, Name: var name } && name.EndsWith(".json", StringComparison.Ordinal))
            {
                using var bytes = new MemoryStream();
                await content.CopyToAsync(bytes, TestContext.Current.CancellationToken);
                files[name] = bytes.ToArray();
            }
        }

        return files;
    }
}
