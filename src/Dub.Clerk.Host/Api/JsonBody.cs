using System.Globalization;
using System.Text.Json;

namespace Dub.Clerk.Host.Api;

/// <summary>Reads a JSON object field by field, so that the first fault is reported in Dub's wording.</summary>
internal sealed partial class JsonBody : IDisposable
{
    private readonly JsonElement _root;
    private readonly JsonDocument? _document;
    private readonly string _path;

    private JsonBody(JsonElement root, JsonDocument? document, string path)
    {
        _root = root;
        _document = document;
        _path = path;
    }

    /// <summary>The first fault that reading came upon; null when there was none.</summary>
    public DubFault? Fault { get; private set; }

    public static async Task<(JsonBody? Body, DubFault? Fault)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (document, fault) = await ParseAsync(request, cancellationToken);
        if (document is null)
        {
            return (null, fault);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return (new JsonBody(document.RootElement, document, string.Empty), null);
        }

        using (document)
        {
            return (null, DubErrors.Unprocessable($"invalid_type: : Invalid input: expected object, received {NameOf(document.RootElement)}"));
        }
    }

    /// <summary>An object that somebody on the dashboard filled in, read as strictly as one that was sent.</summary>
    public static JsonBody Of(JsonElement root) => new(root, null, string.Empty);

    /// <summary>The body as a list of objects.</summary>
    /// <param name="request">The request.</param>
    /// <param name="max">How many there may be.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The objects, valid until the document is disposed of.</returns>
    public static async Task<(JsonDocument? Document, IReadOnlyList<JsonBody> Items, DubFault? Fault)> ReadListAsync(
        HttpRequest request, int max, CancellationToken cancellationToken)
    {
        var (document, unreadable) = await ParseAsync(request, cancellationToken);
        if (document is null)
        {
            return (null, [], unreadable);
        }

        var root = document.RootElement;
        var items = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().ToList() : [];
        var odd = items.FindIndex(item => item.ValueKind != JsonValueKind.Object);
        var fault = root.ValueKind != JsonValueKind.Array ? $"invalid_type: : Invalid input: expected array, received {NameOf(root)}"
            : items.Count == 0 ? "too_small: : Too small: expected array to have >=1 items"
            : items.Count > max ? $"too_big: : Too big: expected array to have <={max} items"
            : odd >= 0 ? $"invalid_type: {odd}: Invalid input: expected object, received {NameOf(items[odd])}"
            : null;
        if (fault is null)
        {
            return (document, [.. items.Select(item => new JsonBody(item, null, string.Empty))], null);
        }

        document.Dispose();
        return (null, [], DubErrors.Unprocessable(fault));
    }

    /// <summary>A text field; null when it is absent, null, or faulty.</summary>
    public string? Text(string name, int maxLength = int.MaxValue, bool required = false)
    {
        if (!TryGetProperty(name, out var element))
        {
            return required ? Refuse($"invalid_type: {_path}{name}: Invalid input: expected string, received undefined") : null;
        }

        return element.ValueKind == JsonValueKind.Null && !required ? null : ReadText(name, element, maxLength);
    }

    /// <summary>A text field that null clears.</summary>
    public Given<string> GivenText(string name, int maxLength = int.MaxValue, int minLength = 0, bool trim = false)
    {
        if (!TryGetProperty(name, out var element))
        {
            return default;
        }

        if (element.ValueKind == JsonValueKind.Null)
        {
            return new Given<string>(null);
        }

        var text = ReadText(name, element, int.MaxValue);
        text = trim ? text?.Trim() : text;
        if (text?.Length < minLength)
        {
            Refuse($"too_small: {_path}{name}: Too small: expected string to have >={minLength} characters");
        }

        return new Given<string>(text?.Length > maxLength ? RefuseLength(name, maxLength) : text);
    }

    /// <summary>A boolean field; null when it is absent or faulty.</summary>
    public bool? Boolean(string name)
    {
        if (!TryGetProperty(name, out var element))
        {
            return null;
        }

        if (element.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return element.GetBoolean();
        }

        Refuse($"invalid_type: {_path}{name}: Invalid input: expected boolean, received {NameOf(element)}");
        return null;
    }

    /// <summary>An integer field; null when it is absent or faulty.</summary>
    public int? Integer(string name, int min, int max)
    {
        if (!TryGetProperty(name, out var element))
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Number)
        {
            Refuse($"invalid_type: {_path}{name}: Invalid input: expected number, received {NameOf(element)}");
            return null;
        }

        var number = element.GetDouble();
        if (number != Math.Floor(number))
        {
            Refuse($"invalid_type: {_path}{name}: Invalid input: expected int, received number");
        }
        else if (number < min)
        {
            Refuse($"too_small: {_path}{name}: Too small: expected number to be >={min}");
        }
        else if (number > max)
        {
            Refuse($"too_big: {_path}{name}: Too big: expected number to be <={max}");
        }
        else
        {
            return (int)number;
        }

        return null;
    }

    /// <summary>A text or a list of texts; empty when it is absent, null or faulty.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (!TryGetProperty(name, out var element) || element.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (element.ValueKind == JsonValueKind.Array)
        {
            return [.. element.EnumerateArray().Select((item, i) => ReadText($"{name}.{i.ToString(CultureInfo.InvariantCulture)}", item, int.MaxValue)).OfType<string>()];
        }

        return ReadText(name, element, int.MaxValue) is { Length: > 0 } text ? [text] : [];
    }

    /// <summary>An object of texts that null clears.</summary>
    public Given<IReadOnlyDictionary<string, string>> GivenTexts(string name)
    {
        if (!TryGetProperty(name, out var element))
        {
            return default;
        }

        if (element.ValueKind == JsonValueKind.Null)
        {
            return new Given<IReadOnlyDictionary<string, string>>(null);
        }

        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (element.ValueKind != JsonValueKind.Object)
        {
            Refuse($"invalid_type: {_path}{name}: Invalid input: expected record, received {NameOf(element)}");
            return default;
        }

        foreach (var (key, value) in Members(name, element))
        {
            values[key] = ReadText($"{name}.{key}", value, int.MaxValue) ?? string.Empty;
        }

        return new Given<IReadOnlyDictionary<string, string>>(values);
    }

    /// <summary>An object within; null when it is absent or faulty.</summary>
    public JsonBody? Object(string name)
    {
        if (TryGetProperty(name, out var element) && element.ValueKind == JsonValueKind.Object)
        {
            return new JsonBody(element, null, $"{_path}{name}.");
        }

        Refuse($"invalid_type: {_path}{name}: Invalid input: expected object, received {(element.ValueKind == JsonValueKind.Undefined ? "undefined" : NameOf(element))}");
        return null;
    }

    /// <summary>Whether it is there, if only as null.</summary>
    public bool Has(string name) => TryGetProperty(name, out _);

    /// <summary>Whether there is a value that means something: neither absent, null, false nor empty.</summary>
    public bool IsSet(string name)
        => TryGetProperty(name, out var element) && element.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.False => false,
            JsonValueKind.String => element.GetRawText().Length > 2,
            JsonValueKind.Array => element.GetArrayLength() > 0,
            _ => true,
        };

    /// <summary>Adds a fault of the caller's own, unless there was one before.</summary>
    public void Refuse(DubFault fault) => Fault ??= fault;

    public void Dispose() => _document?.Dispose();

    private static async Task<(JsonDocument? Document, DubFault? Fault)> ParseAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return (await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellationToken), null);
        }
        catch (JsonException)
        {
            return (null, DubErrors.BadRequest("Invalid JSON format in request body. Please ensure the request body is a valid JSON object."));
        }
    }

    private string? ReadText(string name, JsonElement element, int maxLength)
    {
        if (element.ValueKind != JsonValueKind.String || !TryGetString(element, out var value))
        {
            return Refuse($"invalid_type: {_path}{name}: Invalid input: expected string, received {NameOf(element)}");
        }

        return value!.Length > maxLength ? RefuseLength(name, maxLength) : value;
    }

    private string? RefuseLength(string name, int maxLength) => Refuse($"too_big: {_path}{name}: Too big: expected string to have <={maxLength} characters");

    private string? Refuse(string message)
    {
        Refuse(DubErrors.Unprocessable(message));
        return null;
    }

    private bool TryGetProperty(string name, out JsonElement element)
    {
        try
        {
            return _root.TryGetProperty(name, out element);
        }
        catch (InvalidOperationException)
        {
            // Another member's name is half a surrogate pair.
            element = default;
            RefuseNames();
            return false;
        }
    }

    private List<(string Name, JsonElement Value)> Members(string name, JsonElement element)
    {
        try
        {
            return [.. element.EnumerateObject().Select(member => (member.Name, member.Value))];
        }
        catch (InvalidOperationException)
        {
            RefuseNames(name);
            return [];
        }
    }

    private void RefuseNames(string? name = null) => Refuse($"invalid_type: {_path}{name}: Invalid input: a name in the object is no text");

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
