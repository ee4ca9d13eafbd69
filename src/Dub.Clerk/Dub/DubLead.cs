using System.Text.Json;

namespace Dub.Clerk.Dub;

/// <summary>The body of <c>POST /track/lead</c>.</summary>
internal sealed record DubLead
{
    /// <summary>The fields that a lead can do without, so that one that Dub refuses does not cost the lead.</summary>
    public static readonly IReadOnlyList<string> OptionalFields = ["customerName", "customerEmail", "customerAvatar", "metadata"];

    public required string ClickId { get; init; }

    public required string EventName { get; init; }

    public required string CustomerExternalId { get; init; }

    public string? CustomerName { get; init; }

    public string? CustomerEmail { get; init; }

    public string? CustomerAvatar { get; init; }

    /// <summary>An object.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>How many events the lead stands for.</summary>
    public int Quantity { get; init; } = 1;

    /// <summary>Optional fields that were refused, and are left out.</summary>
    public IReadOnlyCollection<string> Without { get; init; } = [];

    /// <param name="mode"><c>deferred</c> asks whether the click exists and records no lead; <c>wait</c> records one.</param>
    public byte[] ToJson(string mode)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("clickId", ClickId);
            writer.WriteString("eventName", EventName);
            writer.WriteString("customerExternalId", CustomerExternalId);
            Optional("customerName", CustomerName);
            Optional("customerEmail", CustomerEmail);
            Optional("customerAvatar", CustomerAvatar);
            if (Metadata is { } metadata && !Without.Contains("metadata"))
            {
                writer.WritePropertyName("metadata");
                metadata.WriteTo(writer);
            }

            if (Quantity > 1)
            {
                writer.WriteNumber("eventQuantity", Quantity);
            }

            writer.WriteString("mode", mode);
            writer.WriteEndObject();

            void Optional(string name, string? value)
            {
                if (value is not null && !Without.Contains(name))
                {
                    writer.WriteString(name, value);
                }
            }
        }

        return buffer.ToArray();
    }
}
