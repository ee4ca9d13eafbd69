using System.ComponentModel;
using System.Text.Json;
using Dub.Clerk.Outbox;

namespace Dub.Clerk.Host.Api;

/// <summary>A delivery: how far it is, and every attempt.</summary>
internal sealed record DeliveryResponse(
    [property: Description("dub, clerk or local.")] string Destination,
    [property: Description("Where it is kept; part of its address.")] int Partition,
    [property: Description("What it is: lead:…, proof:…, metadata:…, account:…, signup:… or event:….")] string Item,
    [property: Description("waiting, dead or done.")] string State,
    [property: Description("For a lead: proving, sending, verifying, burnt, recorded or refused.")] string? Stage,
    [property: Description("The customer it is about.")] string? Customer,
    [property: Description("When it is due; for a dead letter when it was given up.")] string? At,
    [property: Description("How many attempts in a row have failed; one that Dub or Clerk answered ends the row.")] int Attempts,
    [property: Description("What went wrong last.")] string? Error,
    [property: Description("Each attempt, oldest first.")] IReadOnlyList<AttemptResponse> History)
{
    public static DeliveryResponse From(OutboxEntry entry)
    {
        var state = Read(entry.Json);
        return new DeliveryResponse(
            entry.Destination.ToString().ToLowerInvariant(), entry.Partition, entry.Item.ToString(), entry.State.ToString().ToLowerInvariant(),
            LenientJson.Text(state, "stage")?.ToLowerInvariant(), entry.Customer, entry.At is { } at ? DubTime.Format(at) : null, entry.Attempts, entry.Error,
            LenientJson.Property(state, "history") is { ValueKind: JsonValueKind.Array } history ? [.. history.EnumerateArray().Select(AttemptResponse.From)] : []);
    }

    /// <summary>What handlers keep differs; what it has in common is shown.</summary>
    private static JsonElement Read(ReadOnlyMemory<byte> json) => json.IsEmpty ? default : JsonElement.Parse(json.Span);
}

/// <summary>One call that was made.</summary>
internal sealed record AttemptResponse(
    [property: Description("When.")] string? At,
    [property: Description("What was called.")] string? Call,
    [property: Description("What came of it.")] string? Outcome,
    [property: Description("What was said of it.")] string? Detail)
{
    public static AttemptResponse From(JsonElement attempt)
        => new(LenientJson.Text(attempt, "at"), LenientJson.Text(attempt, "call"), LenientJson.Text(attempt, "outcome"), LenientJson.Text(attempt, "detail"));
}
