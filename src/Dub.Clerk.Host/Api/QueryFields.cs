using System.Globalization;

namespace Dub.Clerk.Host.Api;

/// <summary>Reads query parameters one by one, so that the first fault is reported in Dub's wording. An empty one counts as absent.</summary>
internal sealed class QueryFields(IQueryCollection query)
{
    /// <summary>The first fault that reading came upon; null when there was none.</summary>
    public DubFault? Fault { get; private set; }

    public bool Has(string name) => Text(name) is not null;

    public string? Text(string name) => query[name].ToString() is { Length: > 0 } text ? text : null;

    /// <summary>A list: the parameter repeated, or its parts between commas.</summary>
    public IReadOnlyList<string> Texts(params ReadOnlySpan<string> names)
    {
        var all = new List<string>();
        foreach (var name in names)
        {
            all.AddRange(query[name].SelectMany(text => (text ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
        }

        return all;
    }

    /// <param name="name">The parameter.</param>
    /// <param name="label">What the messages call it, such as <c>Page size</c>.</param>
    /// <param name="fallback">Where it is absent.</param>
    /// <param name="max">The largest that is taken.</param>
    public int Number(string name, string label, int fallback, int max)
    {
        if (Text(name) is not { } text)
        {
            return fallback;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            return Refuse($"invalid_type: {name}: {label} must be a number.", fallback);
        }

        return value < 1 ? Refuse($"too_small: {name}: {label} must be greater than 0.", fallback)
            : value > max ? Refuse($"too_big: {name}: Max {char.ToLowerInvariant(label[0])}{label[1..]} is {max}.", fallback)
            : (int)value;
    }

    public bool Boolean(string name) => Option(name, ["true", "false"], "false") == "true";

    /// <summary>One of some words; the fallback where it is absent or faulty.</summary>
    public string? Option(string name, IReadOnlyList<string> words, string? fallback)
    {
        var text = Text(name);
        return text is null ? fallback
            : words.Contains(text, StringComparer.Ordinal) ? text
            : Refuse($"invalid_value: {name}: Invalid option: expected one of {string.Join('|', words.Select(word => $"\"{word}\""))}", fallback);
    }

    /// <summary>Something is wrong with a field.</summary>
    public void Refuse(string message) => Fault ??= DubErrors.Unprocessable(message);

    private T Refuse<T>(string message, T fallback)
    {
        Refuse(message);
        return fallback;
    }
}
