namespace Dub.Clerk.Analytics;

/// <summary>The parts a period is shown in.</summary>
internal enum Granularity
{
    Hour,
    Day,
    Month,
}

/// <summary>A time in whole parts of a time zone, such as days.</summary>
internal sealed record Period
{
    /// <param name="from">Anywhere in the first part.</param>
    /// <param name="to">Before this.</param>
    /// <param name="granularity">The parts.</param>
    /// <param name="zone">Whose days and months they are.</param>
    public Period(DateTimeOffset from, DateTimeOffset to, Granularity granularity, TimeZoneInfo zone)
    {
        (To, Granularity, Zone) = (to, granularity, zone);
        var starts = new List<DateTimeOffset>();
        for (var start = Floor(from, granularity, zone); start < to; start = Next(start, granularity, zone))
        {
            starts.Add(start);
        }

        Starts = starts;
        From = starts.Count > 0 ? starts[0] : to;
    }

    /// <summary>Until the end of the part that it is now: what is recorded while somebody reads belongs to it.</summary>
    public static Period UntilNow(DateTimeOffset from, DateTimeOffset now, Granularity granularity, TimeZoneInfo zone)
        => new(from, Next(Floor(now, granularity, zone), granularity, zone), granularity, zone);

    /// <summary>The first moment.</summary>
    public DateTimeOffset From { get; }

    /// <summary>The first moment after it.</summary>
    public DateTimeOffset To { get; }

    public Granularity Granularity { get; }

    public TimeZoneInfo Zone { get; }

    /// <summary>When each part begins, in the zone's time.</summary>
    public IReadOnlyList<DateTimeOffset> Starts { get; }

    /// <summary>The part that a moment is in.</summary>
    public int PartOf(DateTimeOffset moment)
    {
        var (low, high) = (0, Starts.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = Starts[middle] <= moment ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>The first moment of a local day. Where a clock change skips midnight it is the change; where midnight comes twice it is the first.</summary>
    public static DateTimeOffset Midnight(DateTime day, TimeZoneInfo zone)
    {
        var midnight = DateTime.SpecifyKind(day.Date, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(midnight))
        {
            midnight += Rollup.Quarter;
        }

        var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset);
    }

    private static DateTimeOffset Floor(DateTimeOffset moment, Granularity granularity, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(moment, zone);
        return granularity switch
        {
            Granularity.Hour => new DateTimeOffset(local.Year, local.Month, local.Day, local.Hour, 0, 0, local.Offset),
            Granularity.Day => Midnight(local.Date, zone),
            _ => Midnight(new DateTime(local.Year, local.Month, 1), zone),
        };
    }

    private static DateTimeOffset Next(DateTimeOffset start, Granularity granularity, TimeZoneInfo zone) => granularity switch
    {
        // An hour is an hour, also when the clocks change.
        Granularity.Hour => TimeZoneInfo.ConvertTime(start.AddHours(1), zone),
        Granularity.Day => Midnight(start.Date.AddDays(1), zone),
        _ => Midnight(new DateTime(start.Year, start.Month, 1).AddMonths(1), zone),
    };
}
