using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Dub.Clerk.Host.Api;

/// <summary>A link that is gone.</summary>
internal sealed record DeletedLinkResponse([property: Description("Which.")] string Id);

/// <summary>How many links are gone.</summary>
internal sealed record DeletedLinksResponse([property: Description("Without ids of none.")] int DeletedCount);

/// <summary>One of many links that was not created, and why.</summary>
/// <param name="Error">For a person.</param>
/// <param name="Code">Dub's code.</param>
/// <param name="Link">What was asked for, as far as it names the link.</param>
internal sealed record LinkErrorResponse(string Error, string Code, LinkErrorSubject Link);

/// <summary>The link that an error is about.</summary>
internal sealed record LinkErrorSubject(string? Url, string? Domain, string? Key);

/// <summary>How many links have something in common. Only the one asked for is there.</summary>
internal sealed record LinkGroupResponse
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Domain { get; init; }

    [JsonPropertyName("_count")]
    public required long Count { get; init; }
}
