using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dub.Clerk.Conversions;

/// <summary>Dub's limits of what a lead or sale may say.</summary>
internal static class ConversionLimits
{
    public const int EventName = 255;
    public const int Quantity = 100;
    public const int Metadata = 10_000;

    /// <summary>Lists carry it two levels deeper, and many readers of JSON, .NET's among them, take 64.</summary>
    public const int MetadataDepth = 62;

    /// <exception cref="ArgumentException">A field is outside its limits.</exception>
    public static void Check(Lead lead)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(lead.CustomerExternalId);
        ArgumentException.ThrowIfNullOrWhiteSpace(lead.EventName);
        ArgumentOutOfRangeException.ThrowIfLessThan(lead.Quantity, 1, nameof(lead.Quantity));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lead.Quantity, Quantity, nameof(lead.Quantity));
        CheckLength(lead.EventName, EventName, nameof(lead.EventName));
        CheckCustomer(lead.CustomerName, lead.CustomerEmail, lead.Metadata);
    }

    /// <exception cref="ArgumentException">A field is outside its limits.</exception>
    public static void Check(Sale sale)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sale.CustomerExternalId);
        ArgumentOutOfRangeException.ThrowIfNegative(sale.Amount, nameof(sale.Amount));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sale.Amount, Money.Max, nameof(sale.Amount));
        ArgumentNullException.ThrowIfNull(sale.Currency);
        ArgumentNullException.ThrowIfNull(sale.EventName);
        ArgumentNullException.ThrowIfNull(sale.PaymentProcessor);
        CheckLength(sale.EventName, EventName, nameof(sale.EventName));
        CheckCustomer(sale.CustomerName, sale.CustomerEmail, sale.Metadata);
    }

    /// <summary>The object without blanks, as Dub measures it; null where a text in it is none (half a surrogate pair),
    /// or it is too deep.</summary>
    public static (JsonElement? Compact, int Length) Compact(JsonElement metadata)
    {
        using var buffer = new MemoryStream();
        try
        {
            using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MetadataDepth });
            metadata.WriteTo(writer);
        }
        catch (InvalidOperationException)
        {
            return (null, 0);
        }

        var json = buffer.ToArray();
        using var document = JsonDocument.Parse(json);
        return (document.RootElement.Clone(), Encoding.UTF8.GetCharCount(json));
    }

    private static void CheckCustomer(string? name, string? email, JsonElement? metadata)
    {
        CheckLength(name, Profile.MaxLength, "CustomerName");
        CheckLength(email, Profile.MaxLength, "CustomerEmail");
        if (metadata is { } given && (given.ValueKind != JsonValueKind.Object || Compact(given) is not { Compact: not null, Length: <= Metadata }))
        {
            throw new ArgumentException($"Metadata must be a JSON object of at most {Metadata} characters and {MetadataDepth} levels.", nameof(metadata));
        }
    }

    private static void CheckLength(string? text, int max, string name)
    {
        if (text?.Length > max)
        {
            throw new ArgumentException($"{name} may have at most {max} characters.", name);
        }
    }
}
