using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>What is drawn for a call.</summary>
public sealed class FaultPlanTests
{
    [Fact]
    public void Storm_IsOfEveryKindThatCanBeOutlastedAndRepeatsWithItsSeed()
    {
        var calls = Enumerable.Range(0, 10_000).Select(n => new DubCall("/track/lead", $"user_{n}", "async")).ToList();

        var drawn = Draw(seed: 7);

        Assert.Equal(FaultPlan.Storm.Order(), drawn.OfType<FaultKind>().Distinct().Order());
        Assert.InRange(drawn.OfType<FaultKind>().Count(), 2_700, 3_300);
        Assert.Equal(drawn, Draw(seed: 7));
        Assert.NotEqual(drawn, Draw(seed: 8));

        List<FaultKind?> Draw(int seed)
        {
            var plan = new FaultPlan(seed);
            plan.SetStorm(0.3);
            return [.. calls.Select(plan.Draw)];
        }
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void ChanceThatIsNone_IsRefused(double probability)
        => Assert.ThrowsAny<ArgumentException>(() => new FaultPlan(1).Set(FaultKind.ResetAfter, probability));

    [Fact]
    public void ChancesOfAPath_AddUpToOneAtTheMost()
    {
        var plan = new FaultPlan(1);
        plan.Set(FaultKind.ResetAfter, 0.6);

        Assert.ThrowsAny<ArgumentException>(() => plan.Set(FaultKind.ResetBefore, 0.5));
        plan.Set(FaultKind.ResetAfter, 0.2);
        plan.Set(FaultKind.ResetBefore, 0.5, "/track/lead");
        Assert.Equal(0.2, plan.Chances["*"][FaultKind.ResetAfter]);
    }
}
