using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Dub.Clerk.Host.StandIns;

/// <summary>A JSON body read field by field. The first fault is the reply, in the words of Dub's validation.</summary>
internal sealed partial class DubBody
{
    private const int MaxMetadata = 10_000;

    private readonly JsonElement _root;

    private DubBody(JsonElement root) => _root = root;

    /// <summary>The first fault that reading came upon; null when there was none.</summary>
    public IResult? Fault { get; private set; }

    public static async Task<DubBody> ReadAsync(HttpRequest request)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
            var body = new DubBody(json.RootElement.Clone());
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                body.Refuse($"invalid_type: : Invalid input: expected object, received {NameOf(json.RootElement)}");
            }

            return body;
        }
        catch (JsonException)
        {
            return new DubBody(default)
            {
                Fault = DubReply.BadRequest("Invalid JSON format in request body. Please ensure the request body is a valid JSON object."),
            };
        }
    }

    /// <summary>A text; null when it is absent, null or faulty.</summary>
    public string? Text(string name, int maxLength = int.MaxValue, bool trim = false, bool required = false, bool nullable = true)
    {
        if (!TryGet(name, out var value))
        {
            return required ? Refuse<string>($"invalid_type: {name}: Invalid input: expected string, received undefined") : null;
        }

        if (value.ValueKind == JsonValueKind.Null && nullable && !required)
        {
            return null;
        }

        if (!TryGetString(value, out var text))
        {
            return Refuse<string>($"invalid_type: {name}: Invalid input: expected string, received {NameOf(value)}");
        }

        text = trim ? text.Trim() : text;
        return text.Length > maxLength ? Refuse<string>($"too_big: {name}: Too big: expected string to have <={maxLength} characters")
            : required && text.Length == 0 ? Refuse<string>($"too_small: {name}: {name} is required")
            : text;
    }

    public string? Email(string name)
    {
        var text = Text(name);
        return text is null ? null
            : !EmailShape().IsMatch(text) ? Refuse<string>($"invalid_format: {name}: Invalid email address")
            : text.Length > 100 ? Refuse<string>($"too_big: {name}: Too big: expected string to have <=100 characters")
            : text;
    }

    /// <summary>One of the options; the first when it is absent. Null is none of them.</summary>
    public string Option(string name, params ReadOnlySpan<string> options)
    {
        if (!TryGet(name, out var value))
        {
            return options[0];
        }

        if (TryGetString(value, out var text) && options.Contains(text))
        {
            return text;
        }

        Refuse<string>($"invalid_value: {name}: Invalid option: expected one of {string.Join('|', options.ToArray().Select(option => $"\"{option}\""))}");
        return options[0];
    }

    /// <summary>An integer from 1; null when it is absent, null or faulty.</summary>
    public int? Quantity(string name, int max)
    {
        if (!TryGet(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind != JsonValueKind.Number ? Refuse<int?>($"invalid_type: {name}: Invalid input: expected number, received {NameOf(value)}")
            : value.GetDouble() % 1 != 0 ? Refuse<int?>($"invalid_type: {name}: Invalid input: expected int, received number")
            : value.GetDouble() <= 0 ? Refuse<int?>($"too_small: {name}: Too small: expected number to be >0")
            : value.GetDouble() > max ? Refuse<int?>($"too_big: {name}: Too big: expected number to be <={max}")
            : (int)value.GetDouble();
    }

    /// <summary>An amount in cents.</summary>
    public long Amount(string name)
    {
        if (!TryGet(name, out var value) || value.ValueKind != JsonValueKind.Number)
        {
            return Refuse<long>($"invalid_type: {name}: {name} is required");
        }

        var amount = value.GetDouble();
        return amount % 1 != 0 ? Refuse<long>($"invalid_type: {name}: Invalid input: expected int, received number")
            : amount < 0 ? Refuse<long>($"too_small: {name}: {name} cannot be negative")
            : amount > 9007199254740991 ? Refuse<long>($"too_big: {name}: Too big: expected int to be <=9007199254740991")
            : (long)amount;
    }

    public bool Boolean(string name)
    {
        if (!TryGet(name, out var value) || value.ValueKind == JsonValueKind.False)
        {
            return false;
        }

        return value.ValueKind == JsonValueKind.True || Refuse<bool>($"invalid_type: {name}: Invalid input: expected boolean, received {NameOf(value)}");
    }

    public JsonObject? Metadata(string name = "metadata")
    {
        if (!TryGet(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return Refuse<JsonObject>($"invalid_type: {name}: Invalid input: expected record, received {NameOf(value)}");
        }

        try
        {
            var metadata = JsonObject.Create(value)!;
            return DubReply.Stringify(metadata).Length > MaxMetadata
                ? Refuse<JsonObject>($"custom: {name}: Metadata must be less than 10,000 characters when stringified")
                : metadata;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            return Refuse<JsonObject>($"invalid_type: {name}: Invalid input: expected record, received object");
        }
    }

    private T? Refuse<T>(string message)
    {
        Refuse(message);
        return default;
    }

    private void Refuse(string message) => Fault ??= DubReply.Unprocessable(message);

    private bool TryGet(string name, out JsonElement value)
    {
        value = default;
        try
        {
            return _root.ValueKind == JsonValueKind.Object && _root.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException)
        {
            // Another member's name is half a surrogate pair.
            return false;
        }
    }

    private static bool TryGetString(JsonElement value, out string text)
    {
        try
        {
            text = value.ValueKind == JsonValueKind.String ? value.GetString()! : string.Empty;
            return value.ValueKind == JsonValueKind.String;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: JSON can spell it, text cannot hold it.
            text = string.Empty;
            return false;
        }
    }

    private static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };

    [GeneratedRegex(@"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}\z")]
    private static partial Regex EmailShape();
}
