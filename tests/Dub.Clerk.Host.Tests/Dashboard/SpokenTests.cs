using Dub.Clerk.Host.Dashboard;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>Times, numbers and amounts as people read them.</summary>
public sealed class SpokenTests
{
    [Theory]
    [InlineData(0, "less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(119, "1 minute")]
    [InlineData(-7200, "2 hours")]
    [InlineData(86400 * 40, "40 days")]
    public void Span_IsInItsLargestUnit(long seconds, string expected) => Assert.Equal(expected, Spoken.Span(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, 0, "–")]
    [InlineData(1, 2, "50 %")]
    [InlineData(1, 3, "33.3 %")]
    [InlineData(0, 9, "0 %")]
    public void Share_IsInPercent(long part, long whole, string expected) => Assert.Equal(expected, Spoken.Share(part, whole));

    [Fact]
    public void Amounts_AreInDollars() => Assert.Equal(("$1,234.50", "1,234,567"), (Spoken.Dollars(123450), Spoken.Number(1234567)));
}
