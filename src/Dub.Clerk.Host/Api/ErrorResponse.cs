using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Dub.Clerk.Host.Api;

/// <summary>Dub's error envelope.</summary>
internal sealed record ErrorResponse([property: Description("What went wrong.")] ErrorBody Error);

/// <summary>What went wrong.</summary>
internal sealed record ErrorBody(
    [property: Description("Such as not_found; it goes with the status.")] string Code,
    [property: Description("For a person.")] string Message,
    [property: JsonPropertyName("doc_url")][property: Description("Dub's page about the code.")] string DocUrl);
