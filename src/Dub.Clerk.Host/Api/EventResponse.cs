using System.Text.Json.Serialization;

namespace Dub.Clerk.Host.Api;

/// <summary>An event as Dub answers it: the nested objects, and beside them the flat fields that Dub keeps for older callers.</summary>
internal sealed record EventResponse
{
    /// <summary><c>click</c> or <c>lead</c>.</summary>
    public required string Event { get; init; }

    public required string Timestamp { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EventId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EventName { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public required EventClick Click { get; init; }

    public required LinkResponse Link { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EventCustomer? Customer { get; init; }

    [JsonPropertyName("click_id")]
    public string ClickId => Click.Id;

    [JsonPropertyName("link_id")]
    public string LinkId => Link.Id;

    public string Domain => Link.Domain;

    public string Key => Link.Key;

    public string Url => Click.Url;

    public string Continent => Click.Continent;

    public string Country => Click.Country;

    public string City => Click.City;

    public string Device => Click.Device;

    public string Browser => Click.Browser;

    public string Os => Click.Os;

    public int Qr => Click.Qr ? 1 : 0;

    public string Ip => Click.Ip;
}

/// <summary>The click of an event. What is not known is the text <c>Unknown</c>, as in Dub; the address of the visitor is not kept.</summary>
internal sealed record EventClick
{
    public const string Unknown = "Unknown";

    public required string Id { get; init; }

    /// <summary>In a lead's click, the lead's own time: as Dub has it.</summary>
    public required string Timestamp { get; init; }

    public required string Url { get; init; }

    public required string Country { get; init; }

    public required string City { get; init; }

    public required string Region { get; init; }

    public required string Continent { get; init; }

    public required string Device { get; init; }

    public required string Browser { get; init; }

    public required string Os { get; init; }

    public required string Ua { get; init; }

    public required string Trigger { get; init; }

    public required string Referer { get; init; }

    public required string RefererUrl { get; init; }

    public required bool Qr { get; init; }

    public string Ip { get; init; } = string.Empty;
}

/// <summary>The customer of a lead.</summary>
internal sealed record EventCustomer
{
    public required string Id { get; init; }

    public required string ExternalId { get; init; }

    public required string? Name { get; init; }

    public required string? Email { get; init; }

    public required string? Avatar { get; init; }

    public string? Country { get; init; }

    public required string CreatedAt { get; init; }
}
