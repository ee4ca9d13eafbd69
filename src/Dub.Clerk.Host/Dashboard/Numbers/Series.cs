using System.Globalization;
using Dub.Clerk.Analytics;

namespace Dub.Clerk.Host.Dashboard.Numbers;

/// <summary>How much happened in each part of a time.</summary>
/// <param name="Unit">What a part is.</param>
/// <param name="Points">The parts, in order; one at the least.</param>
/// <param name="Total">All of them together.</param>
public sealed record Series(string Unit, IReadOnlyList<Point> Points, Point Total)
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    public bool IsEmpty => Total is { Clicks: 0, Leads: 0, Sales: 0 };

    /// <summary>The first, the middle one and the last.</summary>
    public IEnumerable<Point> Marks => new[] { 0, Points.Count / 2, Points.Count - 1 }.Distinct().Select(at => Points[at]);

    /// <param name="granularity">What the parts are.</param>
    /// <param name="parts">When each begins, in the zone's time, and how much happened in it.</param>
    internal static Series Of(Granularity granularity, IReadOnlyList<(DateTimeOffset Start, Totals Totals)> parts)
    {
        // Where clocks change an hour comes twice, so the offset tells which it is.
        var withOffset = parts[0].Start.Offset != parts[^1].Start.Offset;
        var (unit, name, mark) = granularity switch
        {
            Granularity.Hour => ("Hour", withOffset ? "ddd d MMM yyyy, HH:mm (zzz)" : "ddd d MMM yyyy, HH:mm", "d MMM HH:mm"),
            Granularity.Day => ("Day", "ddd d MMM yyyy", "d MMM"),
            _ => ("Month", "MMMM yyyy", "MMM yyyy"),
        };
        return new Series(
            unit,
            [.. parts.Select(part => Point.Of(part.Start.ToString(name, English), part.Start.ToString(mark, English), part.Totals))],
            Point.Of("In all", string.Empty, parts.Aggregate(default(Totals), (sum, part) => sum + part.Totals)));
    }
}

/// <summary>How much happened in a part of a time.</summary>
/// <param name="Name">The part in full.</param>
/// <param name="Mark">The part where there is little room.</param>
/// <param name="Clicks">Clicks.</param>
/// <param name="Leads">Leads.</param>
/// <param name="Sales">Sales.</param>
/// <param name="SaleAmount">What the sales come to, in cents.</param>
public sealed record Point(string Name, string Mark, long Clicks, long Leads, long Sales, long SaleAmount)
{
    internal static Point Of(string name, string mark, Totals totals) => new(name, mark, totals.Clicks, totals.Leads, totals.Sales, totals.SaleAmount);
}
