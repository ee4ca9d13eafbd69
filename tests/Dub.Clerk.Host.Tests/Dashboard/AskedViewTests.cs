using Dub.Clerk.Host.Dashboard.Numbers;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>The page's address follows the form; who is quicker than their connection loses nothing of what they chose.</summary>
public sealed class AskedViewTests
{
    private static readonly NumbersView Opened = new();
    private static readonly NumbersView First = Opened with { Interval = "24h" };
    private static readonly NumbersView Second = First with { TimeZone = "Asia/Kolkata" };
    private static readonly NumbersView Third = Second with { Link = "go.example.com/launch" };

    private readonly AskedView _asked = new();

    public AskedViewTests() => _asked.Give(Opened);

    [Fact]
    public void AddressOfAnEarlierStep_TakesNoLaterOneBack()
    {
        _asked.Ask(First);
        _asked.Ask(Second);
        _asked.Give(First);
        Assert.Equal(Second, _asked.View);

        _asked.Ask(_asked.View with { Link = Third.Link });
        _asked.Give(Second);
        Assert.Equal(Third, _asked.View);
        _asked.Give(Third);
        Assert.Equal(Third, _asked.View);
    }

    [Fact]
    public void AddressThatSkipsSteps_EndsTheWaitForThem()
    {
        _asked.Ask(First);
        _asked.Ask(Second);
        _asked.Give(Second);
        _asked.Give(Opened);
        Assert.Equal(Opened, _asked.View);
    }

    [Fact]
    public void PageThatSomebodyGoesBackTo_IsWhatTheFormShows()
    {
        _asked.Ask(First);
        _asked.Give(First);
        _asked.Ask(First);
        _asked.Give(Opened);
        Assert.Equal(Opened, _asked.View);

        _asked.Ask(First);
        _asked.Give(Third);
        Assert.Equal(Third, _asked.View);
    }
}
