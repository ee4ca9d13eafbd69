using System.Globalization;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>Times, numbers and amounts as people read them.</summary>
internal static class Spoken
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("d MMM yyyy, HH:mm:ss", English) + " UTC";

    public static string Number(long number) => number.ToString("#,0", English);

    /// <param name="cents">US cents.</param>
    public static string Dollars(long cents) => (cents / 100m).ToString("$#,0.00", English);

    /// <summary>A share in percent; a dash where there is nothing to have a share of.</summary>
    public static string Share(long part, long whole) => whole == 0 ? "–" : (100m * part / whole).ToString("0.#", English) + " %";

    /// <summary>In its largest unit, rounded down: 90 minutes are an hour.</summary>
    public static string Span(TimeSpan span)
    {
        span = span.Duration();
        return span.TotalDays >= 1 ? Count((long)span.TotalDays, "day")
            : span.TotalHours >= 1 ? Count((long)span.TotalHours, "hour")
            : span.TotalMinutes >= 1 ? Count((long)span.TotalMinutes, "minute")
            : span.TotalSeconds >= 1 ? Count((long)span.TotalSeconds, "second")
            : "less than a second";
    }

    public static string Count(long count, string what) => count == 1 ? $"1 {what}" : $"{Number(count)} {what}s";
}
