using System.Text.Json.Serialization;

namespace Dub.Clerk.Host.Api;

/// <summary>Dub's wire format: camel case, and nulls are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(CreateLinkRequest))]
[JsonSerializable(typeof(LinkResponse))]
[JsonSerializable(typeof(EventResponse[]))]
[JsonSerializable(typeof(AttributionResponse))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
