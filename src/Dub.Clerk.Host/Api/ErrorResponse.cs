using System.Text.Json.Serialization;

namespace Dub.Clerk.Host.Api;

/// <summary>Dub's error envelope.</summary>
internal sealed record ErrorResponse(ErrorBody Error);

/// <summary>What went wrong.</summary>
/// <param name="Code">Such as <c>not_found</c>; it goes with the status.</param>
/// <param name="Message">For a person.</param>
/// <param name="DocUrl">Dub's page about the code.</param>
internal sealed record ErrorBody(string Code, string Message, [property: JsonPropertyName("doc_url")] string DocUrl);
