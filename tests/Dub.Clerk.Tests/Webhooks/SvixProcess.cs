using System.Text.Json.Nodes;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Webhooks;

/// <summary>npm <c>svix</c> (<c>tests/node/svix.mjs</c>). Skips the test, saying why, where Node or the package is not installed.</summary>
internal sealed class SvixProcess : IDisposable
{
    private readonly NodeProcess _node;

    private SvixProcess(NodeProcess node) => _node = node;

    public static SvixProcess StartOrSkip()
    {
        var node = NodeProcess.TryStart("svix.mjs", "svix", out var whyNot);
        Assert.SkipWhen(node is null, whyNot);
        return new SvixProcess(node);
    }

    public async Task<string> SignAsync(string secret, string id, long timestamp, byte[] body) =>
        (await AskAsync("sign", secret, id, timestamp, body, null))["signature"]!.GetValue<string>();

    public async Task<bool> VerifiesAsync(string secret, string id, long timestamp, byte[] body, string signature) =>
        (await AskAsync("verify", secret, id, timestamp, body, signature))["verified"]!.GetValue<bool>();

    public void Dispose() => _node.Dispose();

    private Task<JsonNode> AskAsync(string action, string secret, string id, long timestamp, byte[] body, string? signature)
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
        return _node.AskAsync(command, TestContext.Current.CancellationToken);
    }
}
