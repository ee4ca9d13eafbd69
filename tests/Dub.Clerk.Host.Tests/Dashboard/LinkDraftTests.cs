using Dub.Clerk.Host.Dashboard;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>What the form of a link sends.</summary>
public sealed class LinkDraftTests
{
    [Fact]
    public void UntouchedFields_AreNotSent()
    {
        var before = new LinkDraft { Url = "https://example.com/", Key = "a", Comments = "hers", TrackConversion = true };
        var after = new LinkDraft { Url = "https://example.com/", Key = " b ", Comments = string.Empty, TrackConversion = true };

        Assert.Equal("""{"key":"b","comments":null}""", after.ChangesFrom(before).GetRawText());
    }
}
