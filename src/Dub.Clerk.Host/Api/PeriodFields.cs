using System.ComponentModel;
using System.Globalization;
using Dub.Clerk.Analytics;
using Dub.Clerk.Conversions;
using Microsoft.AspNetCore.Mvc;

namespace Dub.Clerk.Host.Api;

/// <summary>Which time is asked about. Described here for the API document; read by <see cref="Read"/>.</summary>
internal sealed record PeriodFields
{
    private static readonly string[] Intervals = ["24h", "7d", "30d", "90d", "1y", "mtd", "qtd", "ytd", "all"];

    /// <summary>Dub's.</summary>
    private static readonly DateTimeOffset Earliest = new(2022, 9, 22, 0, 0, 0, TimeSpan.Zero);

    [FromQuery(Name = "interval")]
    [Description("24h (by hour), 7d, 30d, 90d, mtd, qtd (by day), 1y, ytd or all (by month), each up to now and from the beginning of its first part.")]
    [DefaultValue("30d")]
    public string? Interval { get; init; }

    [FromQuery(Name = "start")]
    [Description("Instead of an interval: the first day, ISO 8601, not before 2022-09-22. The parts are hours up to 2 days, months over 180 days, else days.")]
    public string? Start { get; init; }

    [FromQuery(Name = "end")]
    [Description("The last day, ISO 8601.")]
    [DefaultValue("today")]
    public string? End { get; init; }

    [FromQuery(Name = "timezone")]
    [Description("Whose days and months these are: a name of the IANA database, such as Europe/Berlin. An unknown one is taken for UTC.")]
    [DefaultValue("UTC")]
    public string? Timezone { get; init; }

    /// <returns>The period; not to be used where the fields have a fault.</returns>
    public static Period Read(QueryFields fields, DateTimeOffset now)
    {
        var zone = ZoneOf(fields.Text("timezone"));
        var interval = fields.Option("interval", Intervals, "30d")!;
        if (fields.Has("start") || fields.Has("end"))
        {
            return ReadDays(fields, now, zone);
        }

        var today = TimeZoneInfo.ConvertTime(now, zone).Date;
        var (from, granularity) = interval switch
        {
            "24h" => (now.AddHours(-24), Granularity.Hour),
            "7d" => (now.AddDays(-7), Granularity.Day),
            "30d" => (now.AddDays(-30), Granularity.Day),
            "90d" => (now.AddDays(-90), Granularity.Day),
            "1y" => (now.AddYears(-1), Granularity.Month),
            "mtd" => (Period.Midnight(new DateTime(today.Year, today.Month, 1), zone), Granularity.Day),
            "qtd" => (Period.Midnight(new DateTime(today.Year, ((today.Month - 1) / 3 * 3) + 1, 1), zone), Granularity.Day),
            "ytd" => (Period.Midnight(new DateTime(today.Year, 1, 1), zone), Granularity.Month),
            _ => (now - EventLog.LongestRetention, Granularity.Month),
        };
        return Period.UntilNow(from, now, granularity, zone);
    }

    private static Period ReadDays(QueryFields fields, DateTimeOffset now, TimeZoneInfo zone)
    {
        var today = TimeZoneInfo.ConvertTime(now, zone).Date;
        var last = Day("end") ?? today;
        var first = Day("start") ?? last.AddDays(-30);
        if (first < Earliest.Date)
        {
            fields.Refuse("custom: start: The start date cannot be earlier than September 22, 2022.");
        }
        else if (last < first)
        {
            fields.Refuse("custom: end: The end date cannot be before the start date.");
        }
        else if (last > today.AddYears(1))
        {
            fields.Refuse("custom: end: The end date cannot be more than a year ahead.");
        }

        if (fields.Fault is not null)
        {
            return new Period(now, now, Granularity.Day, zone);
        }

        var days = (last - first).Days + 1;
        var granularity = days <= 2 ? Granularity.Hour : days > 180 ? Granularity.Month : Granularity.Day;
        return new Period(Period.Midnight(first, zone), Period.Midnight(last.AddDays(1), zone), granularity, zone);

        DateTime? Day(string name)
        {
            if (fields.Text(name) is not { } text)
            {
                return null;
            }

            // A moment is in a day of the zone; a date without a time is that day.
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            {
                return date.ToDateTime(TimeOnly.MinValue);
            }

            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            {
                return TimeZoneInfo.ConvertTime(moment, zone).Date;
            }

            fields.Refuse($"invalid_type: {name}: Invalid date.");
            return null;
        }
    }

    /// <summary>The runtime looks a name up as a file; so it must look like a name, and be no way to another file.</summary>
    private static TimeZoneInfo ZoneOf(string? name)
        => name is { Length: <= 64 } && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '+' or '-')
            && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
            ? zone
            : TimeZoneInfo.Utc;
}
