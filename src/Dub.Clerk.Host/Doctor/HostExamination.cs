using System.Text.Json;
using Dub.Clerk.Host.Dashboard;

namespace Dub.Clerk.Host.Doctor;

/// <summary>What a running host says of itself: whether it is ready, and what keeps its deliveries.</summary>
internal sealed class HostExamination(Installation installation, Probe probe) : IExamination
{
    /// <summary>The part of the host's health that its outbox tells more of.</summary>
    private const string Deliveries = "deliveries";

    private readonly Uri _host = installation.HostAddress;

    public string Subject => "Host";

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var health = await probe.GetAsync(_host.Authority, new Uri(_host, "health/ready"), null, cancellationToken);
        if (health.Failure is { } failure)
        {
            return [installation.IsHostNamed
                ? Finding.Fault($"The host does not answer: {failure}.", "Start it, or correct --host.")
                : Finding.NotChecked($"No host is asked: {failure}.", "Name a running one: --host http://localhost:5080")];
        }

        if (Read(health.Body) is not { } said || LenientJson.Property(said, "checks") is not { ValueKind: JsonValueKind.Object } parts)
        {
            return [Finding.Fault($"What answers at {_host.Authority} is no Dub.Clerk host.", "Say where the host is: --host http://localhost:5080")];
        }

        var version = LenientJson.Text(said, "version") is { } text ? $", version {text}" : string.Empty;
        return [.. Health(parts, version), .. await OutboxAsync(cancellationToken)];
    }

    private IEnumerable<Finding> Health(JsonElement parts, string version)
    {
        var isWell = true;
        foreach (var part in parts.EnumerateObject())
        {
            var reason = LenientJson.Text(part.Value, "reason");
            if (part.Name == Deliveries && reason is not null)
            {
                // The outbox says for which service, and what to do.
                yield return Finding.FromMessage(FindingState.Note, reason);
            }
            else if (LenientJson.Text(part.Value, "status") != "healthy")
            {
                isWell = false;
                yield return Finding.FromMessage(FindingState.Fault, reason ?? $"The host's {part.Name} is not well. Its log says why.");
            }
            else if (reason is not null)
            {
                yield return Finding.FromMessage(FindingState.Note, reason);
            }
        }

        if (isWell)
        {
            yield return Finding.Ok($"The host at {_host.Authority} is ready{version}.");
        }
    }

    private async Task<IReadOnlyList<Finding>> OutboxAsync(CancellationToken cancellationToken)
    {
        if (installation.ApiKey is not { } key)
        {
            return [Finding.NotChecked("DUBCLERK_API_KEY is not set here, so the host's outbox is not looked into.")];
        }

        var answer = await probe.GetAsync(_host.Authority, new Uri(_host, "outbox"), key, cancellationToken);
        return answer.Status switch
        {
            200 when Read(answer.Body) is { ValueKind: JsonValueKind.Array } rows => [Finding.Ok("The host takes DUBCLERK_API_KEY."), .. rows.EnumerateArray().SelectMany(OfDestination)],
            401 => [Finding.Fault("The host refuses this DUBCLERK_API_KEY.", "Set the one that the host was started with; callers of its API need the same.")],
            _ => [Finding.NotChecked($"The host's outbox could not be read ({answer.Failure ?? $"{answer.Status}"}).")],
        };
    }

    private static IEnumerable<Finding> OfDestination(JsonElement row)
    {
        var name = LenientJson.Text(row, "destination");
        var (waiting, dead) = (Count(row, "waiting"), Count(row, "dead"));
        if (LenientJson.Text(row, "closedBecause") is { } reason)
        {
            yield return Finding.Fault($"Nothing is sent to {name} now: {reason}", $"See {(name == "dub" ? "Dub" : "Clerk")}. What waits ({waiting}) is kept, and goes on by itself.");
        }
        else if (waiting > 0 && LenientJson.Property(row, "served") is { ValueKind: JsonValueKind.False })
        {
            yield return Finding.Fault($"{waiting} wait for {name}, and nobody on this store delivers there.", name == "dub" ? "Set DUB_API_KEY on a host." : "Set CLERK_SECRET_KEY on a host.");
        }

        if (dead > 0)
        {
            yield return Finding.Fault($"{Spoken.Count(dead, "dead letter")} for {name}: deliveries that were given up.", $"Look at them with the command outbox dead --destination {name}; then outbox replay, or outbox drop.");
        }
    }

    private static long Count(JsonElement row, string name) => LenientJson.Property(row, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var count) ? count : 0;

    private static JsonElement? Read(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
