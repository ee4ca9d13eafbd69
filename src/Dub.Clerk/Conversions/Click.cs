using System.Text.Json.Serialization;

namespace Dub.Clerk.Conversions;

/// <summary>A click on a short link, as it is stored.</summary>
internal sealed record Click
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    public required string Id { get; init; }

    public required DateTimeOffset Timestamp { get; init; }

    public required string LinkId { get; init; }

    public required string Domain { get; init; }

    public required string Key { get; init; }

    /// <summary>Where the visitor was sent.</summary>
    public required string Url { get; init; }

    public string? UserAgent { get; init; }

    /// <summary>The page the visitor came from, without its query.</summary>
    public string? Referrer { get; init; }

    /// <summary>Whether the click came from the link's QR code.</summary>
    public bool Qr { get; init; }

    /// <summary>Whether Dub knows the click: it was made on a link of Dub's, so its leads are delivered there.</summary>
    public bool FromDub { get; init; }
}
