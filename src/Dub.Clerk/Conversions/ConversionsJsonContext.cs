using System.Text.Json.Serialization;

namespace Dub.Clerk.Conversions;

/// <summary>How clicks, links and events are stored. Metadata stands deeper in them than in a request.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, MaxDepth = 128)]
[JsonSerializable(typeof(Click))]
[JsonSerializable(typeof(Link))]
[JsonSerializable(typeof(LeadEvent))]
[JsonSerializable(typeof(SaleEvent))]
[JsonSerializable(typeof(InvoiceRecord))]
[JsonSerializable(typeof(LeadDeliveryState))]
[JsonSerializable(typeof(SaleDeliveryState))]
[JsonSerializable(typeof(MetadataDeliveryState))]
internal sealed partial class ConversionsJsonContext : JsonSerializerContext;
