namespace Dub.Clerk.Conversions;

/// <summary>Amounts in US cents.</summary>
internal static class Money
{
    public const string Dollars = "usd";

    /// <summary>2^53 − 1: what JSON's readers keep exactly.</summary>
    public const long Max = 9_007_199_254_740_991;

    /// <summary>The currencies that have no smaller unit, whose amounts are whole.</summary>
    private static readonly HashSet<string> WithoutCents = new(StringComparer.OrdinalIgnoreCase)
    {
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
    };

    /// <param name="amount">In the currency's smallest unit.</param>
    /// <param name="currency">ISO 4217, whatever its case.</param>
    /// <param name="rates">How many units are a dollar.</param>
    /// <returns>US cents, at most <see cref="Max"/>; null where there is no rate.</returns>
    public static long? ToCents(long amount, string currency, IDictionary<string, decimal> rates)
    {
        if (currency.Equals(Dollars, StringComparison.OrdinalIgnoreCase))
        {
            return amount;
        }

        if (!rates.TryGetValue(currency, out var rate))
        {
            return null;
        }

        var hundredths = (double)amount * (WithoutCents.Contains(currency) ? 100 : 1);

        // A rate may be tiny: what a decimal cannot hold is far above the limit.
        return hundredths / (double)rate > Max ? Max
            : (long)Math.Round(amount * (WithoutCents.Contains(currency) ? 100m : 1m) / rate, MidpointRounding.AwayFromZero);
    }
}
