using System.Text.Json;
using System.Text.Json.Serialization;
using Dub.Clerk.Dub;
using Dub.Clerk.Outbox;

namespace Dub.Clerk.Conversions;

/// <summary>How far a lead has come on its way to Dub. Nothing personal: the customer's profile is read when it is sent.</summary>
internal sealed record LeadDeliveryState
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    public required LeadEvent Lead { get; init; }

    /// <summary>How many events it stands for.</summary>
    public int Quantity { get; init; } = 1;

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required LeadDeliveryStage Stage { get; init; }

    /// <summary>When the last call was made that may have taken Dub's key for this lead.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Until when Dub's key keeps the lead from being recorded.</summary>
    public DateTimeOffset? BurntUntil { get; init; }

    /// <summary>How often Dub said that it does not know the click.</summary>
    public int Unknown { get; init; }

    /// <summary>Optional fields that Dub refused, and that are left out.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    public IReadOnlyList<DeliveryAttempt> History { get; init; } = [];

    public static LeadDeliveryState Parse(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize(json.Span, ConversionsJsonContext.Default.LeadDeliveryState)!;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ConversionsJsonContext.Default.LeadDeliveryState);

    public LeadDeliveryState After(DateTimeOffset now, string call, DubReply reply)
        => this with { History = DeliveryAttempt.Add(History, new DeliveryAttempt(now, call, reply.Outcome.ToString(), reply.Detail)) };
}

/// <summary>What a lead's delivery does next.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LeadDeliveryStage>))]
internal enum LeadDeliveryStage
{
    /// <summary>Ask Dub whether it knows the click, which takes no key and may be repeated freely.</summary>
    Proving,

    /// <summary>Send the lead.</summary>
    Sending,

    /// <summary>Dub's key was taken and the outcome is not known: look for the lead.</summary>
    Verifying,

    /// <summary>The key was taken and there is no lead: wait until it expires.</summary>
    Burnt,

    /// <summary>Dub has it.</summary>
    Recorded,

    /// <summary>Dub will never take it.</summary>
    Refused,
}
