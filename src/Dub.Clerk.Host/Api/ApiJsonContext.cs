using System.Text.Json.Serialization;

namespace Dub.Clerk.Host.Api;

/// <summary>Dub's wire format: camel case, and nulls are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(CreateLinkRequest))]
[JsonSerializable(typeof(UpdateLinkRequest))]
[JsonSerializable(typeof(CreateLinkRequest[]))]
[JsonSerializable(typeof(UpdateLinksRequest))]
[JsonSerializable(typeof(LinkResponse))]
[JsonSerializable(typeof(FullLinkResponse))]
[JsonSerializable(typeof(FullLinkResponse[]))]
[JsonSerializable(typeof(LinkErrorResponse))]
[JsonSerializable(typeof(IReadOnlyList<object>))]
[JsonSerializable(typeof(DeletedLinkResponse))]
[JsonSerializable(typeof(DeletedLinksResponse))]
[JsonSerializable(typeof(LinkGroupResponse[]))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(TrackClickRequest))]
[JsonSerializable(typeof(TrackVisitRequest))]
[JsonSerializable(typeof(TrackClickResponse))]
[JsonSerializable(typeof(EventResponse[]))]
[JsonSerializable(typeof(AttributionResponse))]
[JsonSerializable(typeof(OutboxSummary[]))]
[JsonSerializable(typeof(DeliveryResponse[]))]
[JsonSerializable(typeof(ReplayResponse))]
[JsonSerializable(typeof(ReconcileResponse))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
