using System.Globalization;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns;

/// <summary>A query string read parameter by parameter, and the page that it asks for. The first fault is the reply.</summary>
internal sealed class DubQuery(IQueryCollection query)
{
    private const int MaxPage = 1000;

    /// <summary>The first fault that reading came upon; null when there was none.</summary>
    public IResult? Fault { get; private set; }

    /// <summary>The parameter; null when it is absent or empty.</summary>
    public string? Text(string name) => query[name] is [{ Length: > 0 } text, ..] ? text : null;

    public string Option(string name, params ReadOnlySpan<string> options)
    {
        var text = Text(name) ?? options[0];
        if (!options.Contains(text))
        {
            Refuse($"invalid_value: {name}: Invalid option: expected one of {string.Join('|', options.ToArray().Select(option => $"\"{option}\""))}");
        }

        return text;
    }

    public int Number(string name, int fallback, int max)
    {
        if (Text(name) is not { } text)
        {
            return fallback;
        }

        var label = name switch { "pageSize" => "page size", _ => name };
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            Refuse($"invalid_type: {name}: {char.ToUpperInvariant(label[0])}{label[1..]} must be a number.");
        }
        else if (number < 1)
        {
            Refuse($"too_small: {name}: {char.ToUpperInvariant(label[0])}{label[1..]} must be greater than 0.");
        }
        else if (number > max)
        {
            Refuse($"too_big: {name}: Max {label} is {max.ToString(CultureInfo.InvariantCulture)}.");
        }

        return Fault is null ? (int)number : fallback;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        Refuse($"invalid_type: {name}: Invalid input: expected date, received Date");
        return null;
    }

    /// <summary>A page of what is in the order of its ids, newest first, by <c>page</c> or by cursor.</summary>
    /// <param name="ordered">All of it, in the order asked for.</param>
    /// <param name="id">The id of one.</param>
    /// <param name="write">Writes one.</param>
    public IResult Page<T>(IReadOnlyList<T> ordered, Func<T, string> id, Func<T, JsonNode> write)
    {
        var (after, before) = (Text("startingAfter"), Text("endingBefore"));
        var page = Number("page", 1, int.MaxValue);
        var size = Number("pageSize", 100, 100);
        if (Fault is null && after is not null && before is not null)
        {
            Refuse("You cannot use both startingAfter and endingBefore at the same time.");
        }

        if (Fault is null && (after ?? before) is not null)
        {
            if (Text("sortBy") is { } sortBy and not "createdAt")
            {
                Refuse("Cursor-based pagination only supports sorting by `createdAt`. Use offset-based pagination (page/pageSize) for other sort fields.");
            }
            else if (Text("page") is not null)
            {
                Refuse("You cannot use both page and startingAfter/endingBefore at the same time. Please use one pagination method.");
            }
        }

        if (page > MaxPage)
        {
            Refuse("Page is too big (cannot be more than 1000), recommend using cursor-based pagination instead.");
        }

        if (Fault is not null)
        {
            return Fault;
        }

        if ((after ?? before) is not { } cursor)
        {
            return Write(ordered.Skip((page - 1) * size).Take(size), write);
        }

        var at = ordered.Select(id).ToList().IndexOf(cursor);
        return at < 0 ? DubReply.Unprocessable("Invalid cursor: the provided ID does not exist.")
            : after is not null ? Write(ordered.Skip(at + 1).Take(size), write)
            : Write(ordered.Take(at).TakeLast(size), write);
    }

    public static IResult Write<T>(IEnumerable<T> items, Func<T, JsonNode> write) => DubReply.Json(new JsonArray([.. items.Select(write)]));

    private void Refuse(string message) => Fault ??= DubReply.Unprocessable(message);
}
