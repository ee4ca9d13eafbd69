using Dub.Clerk.Host.Dashboard.Numbers;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>How high the bars of a chart are.</summary>
public sealed class ScaleTests
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(3, 4)]
    [InlineData(5, 6)]
    [InlineData(9, 10)]
    [InlineData(10, 10)]
    [InlineData(11, 12)]
    [InlineData(119, 120)]
    [InlineData(130, 160)]
    [InlineData(161, 200)]
    [InlineData(41, 60)]
    [InlineData(999, 1000)]
    [InlineData((1L << 53) - 1, 10_000_000_000_000_000)]
    public void Top_IsRoundAndAboveEverything(long most, long expected) => Assert.Equal(expected, new Scale([0, most, 0]).Top);

    [Theory]
    [InlineData(2, "2", "$0.02")]
    [InlineData(100, "100", "$1")]
    [InlineData(8000, "8,000", "$80")]
    [InlineData(20_000, "20k", "$200")]
    [InlineData(600_000, "600k", "$6,000")]
    [InlineData(1_200_000, "1.2M", "$12k")]
    [InlineData(3_000_000, "3M", "$30k")]
    [InlineData(4_000_000_000_000, "4,000G", "$40G")]
    public void Marks_AreShortAndExact(long number, string plain, string dollars) => Assert.Equal((plain, dollars), (Scale.Short(number), Scale.ShortDollars(number)));

    [Fact]
    public void Bars_AreAsHighAsTheirShareAndNeverTooLowToSee()
        => Assert.Equal("M41.7 100v-100h166.67V100zM291.7 100v-50h166.67V100zM541.7 100v-1h166.67V100z", new Scale([1000, 500, 1, 0]).Bars);
}
