using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dub.Clerk.Erasure;

/// <summary>What was known of somebody when the erasure began: later steps find no trace of what earlier ones dropped.</summary>
internal sealed record ErasureState
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    /// <summary>The external ids.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The clicks of the sign-ups, which deliveries are called by.</summary>
    public required IReadOnlyList<string> Clicks { get; init; }

    /// <summary>The leads in the ledger, which may be older than the log.</summary>
    public required IReadOnlyList<string> Leads { get; init; }

    /// <summary>The same with what was found later.</summary>
    public ErasureState With(ErasureState later) => this with
    {
        Names = [.. Names.Union(later.Names)],
        Clicks = [.. Clicks.Union(later.Clicks)],
        Leads = [.. Leads.Union(later.Leads)],
    };

    public static ErasureState Parse(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize(json.Span, ErasureJsonContext.Default.ErasureState)!;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ErasureJsonContext.Default.ErasureState);
}

/// <summary>Customers to be deleted at Dub.</summary>
internal sealed record DubErasureState
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    /// <summary>Those that are left, by external id.</summary>
    public required IReadOnlyList<string> Customers { get; init; }

    public static DubErasureState Parse(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize(json.Span, ErasureJsonContext.Default.DubErasureState)!;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ErasureJsonContext.Default.DubErasureState);
}

/// <summary>How erasures are stored while they are made.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ErasureState))]
[JsonSerializable(typeof(DubErasureState))]
internal sealed partial class ErasureJsonContext : JsonSerializerContext;
