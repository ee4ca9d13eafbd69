using System.Text.Json.Serialization;

namespace Dub.Clerk.Conversions;

/// <summary>How clicks, links and events are stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Click))]
[JsonSerializable(typeof(Link))]
[JsonSerializable(typeof(LeadEvent))]
[JsonSerializable(typeof(LeadDeliveryState))]
[JsonSerializable(typeof(MetadataDeliveryState))]
internal sealed partial class ConversionsJsonContext : JsonSerializerContext;
