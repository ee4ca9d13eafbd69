using System.Globalization;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>Which users <c>GET /users</c> answers with, and in which order.</summary>
internal sealed class ClerkUserQuery
{
    private const int MaxLimit = 500;
    private const int MaxIds = 100;

    private static readonly string[] Orders = ["created_at", "updated_at", "last_sign_in_at"];

    private int Limit { get; set; } = 10;

    private int Offset { get; set; }

    private string Order { get; set; } = "created_at";

    private bool Descending { get; set; } = true;

    private long CreatedAfter { get; set; } = long.MinValue;

    private long CreatedBefore { get; set; } = long.MaxValue;

    private HashSet<string> Ids { get; } = new(StringComparer.Ordinal);

    private HashSet<string> ExcludedIds { get; } = new(StringComparer.Ordinal);

    private List<string> Emails { get; } = [];

    public static (ClerkUserQuery Query, IResult? Fault) Read(IQueryCollection parameters)
    {
        var query = new ClerkUserQuery();
        var fault = ReadNumber(parameters, "limit", 1, MaxLimit, value => query.Limit = (int)value)
            ?? ReadNumber(parameters, "offset", 0, int.MaxValue, value => query.Offset = (int)value)
            ?? ReadNumber(parameters, "created_at_after", 0, long.MaxValue, value => query.CreatedAfter = value)
            ?? ReadNumber(parameters, "created_at_before", 0, long.MaxValue, value => query.CreatedBefore = value)
            ?? query.ReadOrder(parameters["order_by"])
            ?? query.ReadIds(parameters["user_id"].Concat(parameters["user_id[]"]));
        query.Emails.AddRange(parameters["email_address"].Concat(parameters["email_address[]"]).OfType<string>());
        return (query, fault);
    }

    public IEnumerable<JsonObject> Apply(IEnumerable<JsonObject> users)
    {
        var matching = users.Where(Matches);
        // Users of the same millisecond keep one order, so that pages neither repeat nor skip anybody.
        var ordered = Descending
            ? matching.OrderByDescending(user => (long?)user[Order]).ThenByDescending(user => (string?)user["id"], StringComparer.Ordinal)
            : matching.OrderBy(user => (long?)user[Order]).ThenBy(user => (string?)user["id"], StringComparer.Ordinal);
        return ordered.Skip(Offset).Take(Limit);
    }

    public static bool HasEmail(JsonObject user, string email) =>
        user["email_addresses"]!.AsArray().Any(address => string.Equals((string?)address!["email_address"], email, StringComparison.OrdinalIgnoreCase));

    private bool Matches(JsonObject user)
    {
        var id = (string)user["id"]!;
        var createdAt = (long)user["created_at"]!;
        return createdAt > CreatedAfter && createdAt < CreatedBefore
            && (Ids.Count == 0 || Ids.Contains(id)) && !ExcludedIds.Contains(id)
            && (Emails.Count == 0 || Emails.Exists(email => HasEmail(user, email)));
    }

    private static IResult? ReadNumber(IQueryCollection parameters, string name, long minimum, long maximum, Action<long> take)
    {
        if (parameters[name] is not [{ Length: > 0 } text])
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < minimum || value > maximum)
        {
            return ClerkErrors.ParameterInvalid(name, $"{name} must be a whole number from {minimum} to {maximum}.");
        }

        take(value);
        return null;
    }

    private IResult? ReadOrder(string? order)
    {
        if (string.IsNullOrEmpty(order))
        {
            return null;
        }

        // A plus that is not encoded arrives as a space. Without a sign, and with a plus, it ascends.
        Descending = order[0] == '-';
        Order = order.TrimStart('-', '+', ' ');
        return Orders.Contains(Order, StringComparer.Ordinal) ? null : ClerkErrors.ParameterInvalid("order_by", $"order_by must be one of {string.Join(", ", Orders)}.");
    }

    private IResult? ReadIds(IEnumerable<string?> ids)
    {
        foreach (var id in ids.OfType<string>())
        {
            (id.StartsWith('-') ? ExcludedIds : Ids).Add(id.TrimStart('-', '+', ' '));
        }

        return Ids.Count + ExcludedIds.Count <= MaxIds ? null : ClerkErrors.ParameterInvalid("user_id", $"user_id takes at most {MaxIds} ids.");
    }
}
