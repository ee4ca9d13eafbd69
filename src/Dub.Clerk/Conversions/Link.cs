using System.Text.Json.Serialization;

namespace Dub.Clerk.Conversions;

/// <summary>A short link, as it is stored.</summary>
internal sealed record Link
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    public required string Id { get; init; }

    public required string Domain { get; init; }

    public required string Key { get; init; }

    public required string Url { get; init; }

    /// <summary>Whether a click is handed on to the target as <c>dub_id</c>.</summary>
    public bool TrackConversion { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
