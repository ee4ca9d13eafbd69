using System.Text.Json.Serialization;

namespace Dub.Clerk.Conversions;

/// <summary>How clicks, links and events are stored. Metadata of a request, which may be 64 deep, stands deeper in them.</summary>
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
