using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>A webhook event on its way.</summary>
/// <param name="Id"><c>msg_…</c>, the same at every attempt.</param>
/// <param name="Type">Such as <c>user.created</c>.</param>
/// <param name="Data">The user.</param>
/// <param name="Body">What is signed and sent.</param>
internal sealed record ClerkMessage(string Id, string Type, JsonObject Data, byte[] Body)
{
    private readonly ConcurrentQueue<int> _answers = new();

    public string? UserId => (string?)Data["id"];

    /// <summary>The status of each attempt so far; 0 where nothing was answered.</summary>
    public IReadOnlyCollection<int> Answers => _answers;

    public bool IsDelivered => _answers.Any(status => status is >= 200 and < 300);

    public void Add(int answer) => _answers.Enqueue(answer);
}
