using System.Text.Json;
using System.Text.Json.Serialization;
using Dub.Clerk.Clerk;
using Dub.Clerk.Outbox;

namespace Dub.Clerk.Conversions;

/// <summary>Has Clerk's user carry the click it is credited to, so that the session token says so and no request asks again. Writing it twice is
/// writing it once.</summary>
internal sealed class MetadataDelivery(ClerkClient clerk, TimeProvider time) : IOutboxHandler
{
    string IOutboxHandler.Kind => OutboxItem.MetadataKind;

    /// <summary>What to deliver, as the outbox keeps it.</summary>
    public static byte[] Create(string clickId) => new MetadataDeliveryState { ClickId = clickId }.ToJson();

    public async Task<OutboxVerdict> HandleAsync(OutboxClaim claim, CancellationToken cancellationToken)
    {
        var state = MetadataDeliveryState.Parse(claim.State);
        var reply = await clerk.SetTrackedClickAsync(claim.Item.Subject, state.ClickId, cancellationToken);
        var now = time.GetUtcNow();
        var json = state.After(now, reply).ToJson();

        // A user who is gone needs no metadata.
        return reply.Outcome is ClerkOutcome.Accepted or ClerkOutcome.NotFound ? OutboxVerdict.Done(json) : ClerkVerdict.Of(reply, now, json);
    }
}

/// <summary>A click on its way to Clerk's metadata.</summary>
internal sealed record MetadataDeliveryState
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    public required string ClickId { get; init; }

    public IReadOnlyList<DeliveryAttempt> History { get; init; } = [];

    public static MetadataDeliveryState Parse(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize(json.Span, ConversionsJsonContext.Default.MetadataDeliveryState)!;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ConversionsJsonContext.Default.MetadataDeliveryState);

    public MetadataDeliveryState After(DateTimeOffset now, ClerkReply reply)
        => this with { History = DeliveryAttempt.Add(History, new DeliveryAttempt(now, "metadata", reply.Outcome.ToString(), reply.Detail)) };
}
