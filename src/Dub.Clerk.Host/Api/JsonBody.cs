using System.Text.Json;

namespace Dub.Clerk.Host.Api;

/// <summary>Reads a JSON body field by field, so that the first fault is reported in Dub's wording.</summary>
internal sealed class JsonBody : IDisposable
{
    private readonly JsonDocument _document;

    private JsonBody(JsonDocument document) => _document = document;

    public static async Task<(JsonBody? Body, IResult? Fault)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellationToken);
        }
        catch (JsonException)
        {
            return (null, DubErrors.BadRequest("Invalid JSON format in request body. Please ensure the request body is a valid JSON object."));
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return (new JsonBody(document), null);
        }

        using (document)
        {
            return (null, DubErrors.Unprocessable($"invalid_type: : Invalid input: expected object, received {NameOf(document.RootElement)}"));
        }
    }

    /// <summary>The first fault that reading came upon; null when there was none.</summary>
    public IResult? Fault { get; private set; }

    /// <summary>A text field; null when it is absent, null, or faulty.</summary>
    public string? Text(string name, int maxLength = int.MaxValue, bool required = false)
    {
        if (!TryGetProperty(name, out var element))
        {
            return required ? Refuse($"invalid_type: {name}: Invalid input: expected string, received undefined") : null;
        }

        if (element.ValueKind == JsonValueKind.Null && !required)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.String || !TryGetString(element, out var value))
        {
            return Refuse($"invalid_type: {name}: Invalid input: expected string, received {NameOf(element)}");
        }

        return value!.Length > maxLength ? Refuse($"too_big: {name}: Too big: expected string to have <={maxLength} characters") : value;
    }

    /// <summary>A boolean field; false when it is absent or faulty.</summary>
    public bool Boolean(string name)
    {
        if (!TryGetProperty(name, out var element) || element.ValueKind is JsonValueKind.False)
        {
            return false;
        }

        if (element.ValueKind == JsonValueKind.True)
        {
            return true;
        }

        Refuse($"invalid_type: {name}: Invalid input: expected boolean, received {NameOf(element)}");
        return false;
    }

    public void Dispose() => _document.Dispose();

    private string? Refuse(string message)
    {
        Fault ??= DubErrors.Unprocessable(message);
        return null;
    }

    private bool TryGetProperty(string name, out JsonElement element)
    {
        try
        {
            return _document.RootElement.TryGetProperty(name, out element);
        }
        catch (InvalidOperationException)
        {
            // Another member's name is half a surrogate pair.
            element = default;
            Refuse("invalid_type: : Invalid input: a name in the object is no text");
            return false;
        }
    }

    private static bool TryGetString(JsonElement element, out string? text)
    {
        try
        {
            text = element.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: JSON can spell it, text cannot hold it.
            text = null;
            return false;
        }
    }

    private static string NameOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };
}
