using System.Text.Json;

namespace Dub.Clerk.Dub;

/// <summary>The body of <c>POST /track/sale</c>.</summary>
internal sealed record DubSale
{
    public required string CustomerExternalId { get; init; }

    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required string EventName { get; init; }

    public required string PaymentProcessor { get; init; }

    /// <summary>What Dub knows a repeat by, for seven days.</summary>
    public required string InvoiceId { get; init; }

    public string? LeadEventName { get; init; }

    /// <summary>An object.</summary>
    public JsonElement? Metadata { get; init; }

    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("customerExternalId", CustomerExternalId);
            writer.WriteNumber("amount", Amount);
            writer.WriteString("currency", Currency);
            writer.WriteString("eventName", EventName);
            writer.WriteString("paymentProcessor", PaymentProcessor);
            writer.WriteString("invoiceId", InvoiceId);
            if (LeadEventName is not null)
            {
                writer.WriteString("leadEventName", LeadEventName);
            }

            if (Metadata is { } metadata)
            {
                writer.WritePropertyName("metadata");
                metadata.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
