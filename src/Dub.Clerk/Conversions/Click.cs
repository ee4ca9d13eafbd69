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

    /// <summary>Where the visitor was sent: the link's target, with its <c>utm_</c> parameters and without the click.</summary>
    public required string Url { get; init; }

    /// <summary>How it came about: one of <see cref="ClickTrigger"/>.</summary>
    public string Trigger { get; init; } = ClickTrigger.Link;

    public string? UserAgent { get; init; }

    /// <summary><c>Desktop</c>, <c>Mobile</c> or <c>Tablet</c>.</summary>
    public string? Device { get; init; }

    public string? Browser { get; init; }

    public string? Os { get; init; }

    /// <summary>Two letters, such as <c>EU</c>.</summary>
    public string? Continent { get; init; }

    /// <summary>ISO 3166-1, two letters.</summary>
    public string? Country { get; init; }

    /// <summary>ISO 3166-2 without the country, such as <c>CA</c>.</summary>
    public string? Region { get; init; }

    public string? City { get; init; }

    /// <summary>The page the visitor came from, without its query.</summary>
    public string? Referrer { get; init; }

    /// <summary>Whether the click came from the link's QR code.</summary>
    public bool Qr { get; init; }

    /// <summary>Whether Dub knows the click: it was made on a link of Dub's, so its leads are delivered there.</summary>
    public bool FromDub { get; init; }
}
