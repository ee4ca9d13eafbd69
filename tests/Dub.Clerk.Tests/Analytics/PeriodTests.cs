using System.Globalization;
using Dub.Clerk.Analytics;

namespace Dub.Clerk.Tests.Analytics;

/// <summary>Days and months are those of the zone, whatever its clocks do.</summary>
public sealed class PeriodTests
{
    [Theory]
    [InlineData("Europe/Berlin", "2026-03-28", "2026-03-30", new[] { "2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00" })]
    [InlineData("America/New_York", "2026-10-31", "2026-11-02", new[] { "2026-10-31T00:00:00-04:00", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00" })]
    [InlineData("Asia/Kathmandu", "2026-01-01", "2026-01-02", new[] { "2026-01-01T00:00:00+05:45", "2026-01-02T00:00:00+05:45" })]
    // Midnight is skipped, and comes twice.
    [InlineData("Africa/Cairo", "2026-04-23", "2026-04-25", new[] { "2026-04-23T00:00:00+02:00", "2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00" })]
    [InlineData("America/Havana", "2026-10-31", "2026-11-02", new[] { "2026-10-31T00:00:00-04:00", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00" })]
    public void Days_BeginAtTheZonesMidnight(string zone, string first, string last, string[] starts)
    {
        var found = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var period = new Period(
            Period.Midnight(DateTime.Parse(first, CultureInfo.InvariantCulture), found),
            Period.Midnight(DateTime.Parse(last, CultureInfo.InvariantCulture).AddDays(1), found), Granularity.Day, found);

        Assert.Equal(starts, period.Starts.Select(start => start.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("2026-03-29", 23)]
    [InlineData("2026-10-25", 25)]
    [InlineData("2026-11-22", 24)]
    public void Hours_AreAsManyAsTheDayHas(string day, int hours)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var local = DateTime.Parse(day, CultureInfo.InvariantCulture);

        var period = new Period(Period.Midnight(local, zone), Period.Midnight(local.AddDays(1), zone), Granularity.Hour, zone);

        Assert.Equal(hours, period.Starts.Count);
        Assert.All(period.Starts.Skip(1).Zip(period.Starts), pair => Assert.Equal(TimeSpan.FromHours(1), pair.First - pair.Second));
    }

    [Fact]
    public void Months_BeginOnTheirFirst()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Australia/Sydney");
        var now = new DateTimeOffset(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);

        var period = Period.UntilNow(now.AddYears(-1), now, Granularity.Month, zone);

        Assert.Equal(13, period.Starts.Count);
        Assert.All(period.Starts, start => Assert.Equal((1, 0), (start.Day, start.Hour)));
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.FromHours(11)), period.To);
    }

    [Fact]
    public void EveryMoment_IsInThePartThatBeganLast()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");
        var from = new DateTimeOffset(2026, 10, 30, 0, 0, 0, TimeSpan.Zero);
        var period = new Period(from, from.AddDays(5), Granularity.Day, zone);

        for (var moment = period.From; moment < period.To; moment += TimeSpan.FromMinutes(15))
        {
            var local = TimeZoneInfo.ConvertTime(moment, zone);
            Assert.Equal(local.Date, period.Starts[period.PartOf(moment)].Date);
        }
    }
}
