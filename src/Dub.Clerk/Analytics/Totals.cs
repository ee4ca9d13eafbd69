using Dub.Clerk.Conversions;

namespace Dub.Clerk.Analytics;

/// <summary>How much happened.</summary>
/// <param name="Clicks">Clicks.</param>
/// <param name="Leads">Leads.</param>
/// <param name="Sales">Sales.</param>
/// <param name="SaleAmount">What the sales come to, in cents.</param>
internal readonly record struct Totals(long Clicks, long Leads, long Sales, long SaleAmount)
{
    public static Totals operator +(Totals one, Totals other)
        => new(one.Clicks + other.Clicks, one.Leads + other.Leads, one.Sales + other.Sales, AddAmounts(one.SaleAmount, other.SaleAmount));

    public static Totals Of(LoggedEvent one) => one.Kind switch
    {
        EventKind.Clicks => new(1, 0, 0, 0),
        EventKind.Leads => new(0, 1, 0, 0),
        _ => new(0, 0, 1, one.Sale!.Amount),
    };

    /// <summary>With what is not asked for left out.</summary>
    public Totals Only(IReadOnlyCollection<EventKind> kinds) => new(
        kinds.Contains(EventKind.Clicks) ? Clicks : 0, kinds.Contains(EventKind.Leads) ? Leads : 0,
        kinds.Contains(EventKind.Sales) ? Sales : 0, kinds.Contains(EventKind.Sales) ? SaleAmount : 0);

    /// <summary>As the store adds them: a sum that JSON's readers could not hold stays at the largest that they can.</summary>
    private static long AddAmounts(long one, long other) => Math.Min(one + other, (1L << 53) - 1);
}
