using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Host.Dashboard.Numbers;

/// <summary>Which time and link somebody looks at: what stands in the page's address, in the API's words.</summary>
public sealed record NumbersView
{
    /// <summary>Instead of an interval, a first and a last day.</summary>
    public const string Custom = "custom";

    public const string DefaultInterval = "30d";

    public const string Utc = "UTC";

    /// <summary>The API's, and in words.</summary>
    public static readonly IReadOnlyList<(string Code, string Name)> Intervals =
    [
        ("24h", "Last 24 hours"), ("7d", "Last 7 days"), (DefaultInterval, "Last 30 days"), ("90d", "Last 90 days"), ("1y", "Last 12 months"),
        ("mtd", "This month"), ("qtd", "This quarter"), ("ytd", "This year"), ("all", "All"), (Custom, "From … to …"),
    ];

    public string Interval { get; init; } = DefaultInterval;

    /// <summary>The first day, <c>2026-11-22</c>.</summary>
    public string? Start { get; init; }

    /// <summary>The last day.</summary>
    public string? End { get; init; }

    public string TimeZone { get; init; } = Utc;

    /// <summary>One link, <c>domain/key</c>; all where it is null.</summary>
    public string? Link { get; init; }

    /// <summary>In the query of a page's address.</summary>
    public string ToQuery() => QueryHelpers.AddQueryString(string.Empty, Pairs().Append(("link", Link)).Where(pair => !string.IsNullOrEmpty(pair.Item2))
        .ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal));

    /// <summary>As the API is asked the same.</summary>
    public IQueryCollection ToApi()
    {
        var link = Link?.Split('/', 2) ?? [];
        return new QueryCollection(Pairs().Append(("domain", link.ElementAtOrDefault(0))).Append(("key", link.ElementAtOrDefault(1)))
            .Where(pair => !string.IsNullOrEmpty(pair.Item2)).ToDictionary(pair => pair.Item1, pair => new StringValues(pair.Item2), StringComparer.Ordinal));
    }

    /// <summary>The same with another interval; of a custom one the days are the last 30 until somebody chooses.</summary>
    public NumbersView With(string interval, DateTimeOffset now) => interval == Custom
        ? this with { Interval = interval, Start = Day(now.AddDays(-29)), End = Day(now) }
        : this with { Interval = interval, Start = null, End = null };

    private static string Day(DateTimeOffset time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private IEnumerable<(string Name, string? Value)> Pairs()
        => [("interval", Interval == Custom ? null : Interval), ("start", Start), ("end", End), ("timezone", TimeZone)];
}
