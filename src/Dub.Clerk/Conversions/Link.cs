using System.Text.Json.Serialization;

namespace Dub.Clerk.Conversions;

/// <summary>A short link, as it is stored.</summary>
internal sealed record Link
{
    /// <summary>The key of a link that is the domain itself.</summary>
    public const string RootKey = "_root";

    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    public required string Id { get; init; }

    public required string Domain { get; init; }

    /// <summary>As it was written; found whatever its case.</summary>
    public required string Key { get; init; }

    public required string Url { get; init; }

    /// <summary>Whether a click is handed on to the target as <c>dub_id</c>.</summary>
    public bool TrackConversion { get; init; }

    /// <summary>The caller's own id of this link: no other link has it.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Whose link it is in the caller's system.</summary>
    public string? TenantId { get; init; }

    public bool Archived { get; init; }

    /// <summary>When it leads to its target no longer.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Where it leads then.</summary>
    public string? ExpiredUrl { get; init; }

    /// <summary>Since when it leads nowhere and counts nothing.</summary>
    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Kept for who reads it back, as are the title, description, image and video.</summary>
    public bool Proxy { get; init; }

    public string? Title { get; init; }

    public string? Description { get; init; }

    public string? Image { get; init; }

    public string? Video { get; init; }

    /// <summary>Where it leads on an iPhone or iPad.</summary>
    public string? Ios { get; init; }

    /// <summary>Where it leads on Android.</summary>
    public string? Android { get; init; }

    /// <summary>Where it leads in these countries (ISO 3166-1).</summary>
    public IReadOnlyDictionary<string, string>? Geo { get; init; }

    /// <summary>Whether search engines may index it.</summary>
    public bool DoIndex { get; init; }

    public bool PublicStats { get; init; }

    public string? Comments { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The name that is its own: domain and key, whatever their case.</summary>
    [JsonIgnore]
    public string Name => NameOf(Domain, Key);

    public static string NameOf(string domain, string key) => $"{domain}/{key}".ToLowerInvariant();
}
