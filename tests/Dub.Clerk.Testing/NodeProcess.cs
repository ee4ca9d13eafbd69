using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Testing;

/// <summary>An npm package in a Node process of our own: a script of <c>tests/node</c>, driven line by line.</summary>
internal sealed class NodeProcess : IDisposable
{
    private readonly Process _process;

    private NodeProcess(Process process) => _process = process;

    /// <summary>Starts the script; null, and why, where Node or the package is not installed.</summary>
    public static NodeProcess? TryStart(string script, string package, out string whyNot)
    {
        whyNot = string.Empty;
        if (FindFolder(script) is not { } folder)
        {
            whyNot = "The folder tests/node is not here.";
            return null;
        }

        var modules = Environment.GetEnvironmentVariable("DUBCLERK_NODE_MODULES") ?? Path.Combine(folder, "node_modules");
        if (!Directory.Exists(Path.Combine(modules, package)))
        {
            whyNot = $"npm {package} is not installed: run 'npm ci' in tests/node, or name a folder in DUBCLERK_NODE_MODULES.";
            return null;
        }

        try
        {
            var start = new ProcessStartInfo("node", [Path.Combine(folder, script)]) { RedirectStandardInput = true, RedirectStandardOutput = true };
            return new NodeProcess(Process.Start(start)!);
        }
        catch (Win32Exception)
        {
            whyNot = "Node is not installed.";
            return null;
        }
    }

    public async Task<JsonNode> AskAsync(JsonObject command, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(command.ToJsonString());
        await _process.StandardInput.FlushAsync(cancellationToken);
        var answer = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        return JsonNode.Parse(answer ?? throw new JsonException("The Node process ended without an answer."))!;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }

    private static string? FindFolder(string script)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "tests", "node");
            if (File.Exists(Path.Combine(candidate, script)))
            {
                return candidate;
            }
        }

        return null;
    }
}
