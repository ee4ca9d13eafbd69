using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Tests.Webhooks;

/// <summary>npm <c>svix</c> in a Node process of our own, driven line by line (<c>tests/node/svix.mjs</c>). Skips the test, saying why, where
/// Node or the package is not installed.</summary>
internal sealed class SvixProcess : IDisposable
{
    private readonly Process _process;

    private SvixProcess(Process process) => _process = process;

    public static SvixProcess StartOrSkip()
    {
        var folder = NodeFolder();
        Assert.SkipWhen(folder is null, "The folder tests/node is not here.");
        var modules = Environment.GetEnvironmentVariable("DUBCLERK_NODE_MODULES") ?? Path.Combine(folder, "node_modules");
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(modules, "svix")), $"npm svix is not installed: run 'npm ci' in tests/node, or name a folder in DUBCLERK_NODE_MODULES.");
        try
        {
            var start = new ProcessStartInfo("node", [Path.Combine(folder, "svix.mjs")]) { RedirectStandardInput = true, RedirectStandardOutput = true };
            return new SvixProcess(Process.Start(start)!);
        }
        catch (Win32Exception)
        {
            Assert.Skip("Node is not installed.");
            throw;
        }
    }

    public async Task<string> SignAsync(string secret, string id, long timestamp, byte[] body) =>
        (await AskAsync("sign", secret, id, timestamp, body, null))["signature"]!.GetValue<string>();

    public async Task<bool> VerifiesAsync(string secret, string id, long timestamp, byte[] body, string signature) =>
        (await AskAsync("verify", secret, id, timestamp, body, signature))["verified"]!.GetValue<bool>();

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }

    private async Task<JsonNode> AskAsync(string action, string secret, string id, long timestamp, byte[] body, string? signature)
    {
        var command = new JsonObject
        {
            ["do"] = action,
            ["secret"] = secret,
            ["id"] = id,
            ["timestamp"] = timestamp,
            ["body"] = Convert.ToBase64String(body),
            ["signature"] = signature,
        };
        await _process.StandardInput.WriteLineAsync(command.ToJsonString());
        await _process.StandardInput.FlushAsync();
        var answer = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        return JsonNode.Parse(answer ?? throw new JsonException("The Node process ended without an answer."))!;
    }

    private static string? NodeFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "tests", "node");
            if (File.Exists(Path.Combine(candidate, "svix.mjs")))
            {
                return candidate;
            }
        }

        return null;
    }
}
