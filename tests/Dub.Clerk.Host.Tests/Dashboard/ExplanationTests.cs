using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Dashboard;
using Dub.Clerk.SignUps;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>Why there is or is not a lead, in words.</summary>
public sealed class ExplanationTests
{
    private const string Click = "AAAAAAAAAAAAAAAA";
    private static readonly DateTimeOffset Created = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(NoLeadReason.AwaitingWebhook, SignUpState.Pending, "Not yet: Clerk's webhook has not come.")]
    [InlineData(NoLeadReason.Deciding, SignUpState.Pending, "Not yet: it is being decided.")]
    [InlineData(NoLeadReason.ProvingClick, SignUpState.Pending, "Not yet: Dub is being asked.")]
    [InlineData(NoLeadReason.NoClick, SignUpState.Pending, "Not yet: no click has been seen.")]
    [InlineData(NoLeadReason.NoClick, SignUpState.NotAttributed, "No lead: there was no click.")]
    [InlineData(NoLeadReason.ExistingUser, SignUpState.NotAttributed, "No lead: the user was there before.")]
    [InlineData(NoLeadReason.OutsideWindow, SignUpState.NotAttributed, "No lead: the click is too old.")]
    [InlineData(NoLeadReason.ClickAfterSignUp, SignUpState.NotAttributed, "No lead: the click came after the sign-up.")]
    [InlineData(NoLeadReason.InvalidClickId, SignUpState.NotAttributed, "No lead: what came is no click id.")]
    [InlineData(NoLeadReason.UnknownClick, SignUpState.NotAttributed, "No lead: nobody knows the click.")]
    [InlineData(NoLeadReason.NoConsent, SignUpState.NotAttributed, "No lead: the visitor did not agree.")]
    [InlineData(NoLeadReason.RefusedByApp, SignUpState.NotAttributed, "No lead: your app refused it.")]
    public void EveryReason_HasItsWords(NoLeadReason reason, SignUpState state, string expected)
    {
        var explanation = Explain(new SignUpRecord { CreatedAt = Created }, state, reason);

        Assert.Equal((state, expected), (explanation.Verdict, explanation.Headline));
        Assert.All(explanation.Because, sentence => Assert.EndsWith(".", sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void ExistingUser_IsToldHowMuchLater()
    {
        var explanation = Explain(
            new SignUpRecord { CreatedAt = Created, BrowserClick = Click, BrowserSeenAt = Created.AddDays(40) }, SignUpState.NotAttributed, NoLeadReason.ExistingUser);

        Assert.Equal("The first signed-in request with a click came 40 days after the account was created; up to 1 day would have counted.", explanation.Because[0]);
    }

    [Fact]
    public void OldClick_IsToldHowOld()
    {
        var explanation = Explain(
            new SignUpRecord { CreatedAt = Created, MetadataClick = Click }, SignUpState.NotAttributed, NoLeadReason.OutsideWindow, Created.AddDays(-100));

        Assert.Equal("It was made 100 days before the account; 90 days at the most count.", explanation.Because[0]);
    }

    [Fact]
    public void Lead_IsToldByWhichHalvesItCame()
    {
        var explanation = Explain(
            new SignUpRecord { CreatedAt = Created, BrowserClick = Click, BrowserSeenAt = Created.AddSeconds(3) }, SignUpState.Tracked, NoLeadReason.None, Created.AddMinutes(-7));

        Assert.Equal("There is a lead.", explanation.Headline);
        Assert.Equal(
            ["The click on go.example.com/launch came 7 minutes before the account.", "A signed-in request brought it 3 seconds after the account was created."], explanation.Because);
    }

    [Fact]
    public void WhatTheAppSaid_IsRepeated()
    {
        var status = new SignUpStatus(SignUpState.NotAttributed, NoLeadReason.RefusedByApp) { Detail = "An employee." };

        Assert.Equal("It said: An employee.", Explanation.Of(new SignUpRecord(), status, new Dictionary<string, Click>(), 0, new DubClerkOptions()).Because[0]);
    }

    [Fact]
    public void Stranger_IsToldWhereToLook()
    {
        var unknown = Explanation.Of(null, null, new Dictionary<string, Click>(), 0, new DubClerkOptions());
        var byApi = Explanation.Of(null, null, new Dictionary<string, Click>(), 1, new DubClerkOptions());

        Assert.Contains("Setup", unknown.Next, StringComparison.Ordinal);
        Assert.Equal("There is a lead, and no sign-up.", byApi.Headline);
    }

    private static Explanation Explain(SignUpRecord record, SignUpState state, NoLeadReason reason, DateTimeOffset? clickedAt = null)
    {
        var clicks = new Dictionary<string, Click>();
        if (clickedAt is { } at)
        {
            clicks[Click] = new Click { Id = Click, Timestamp = at, LinkId = "link_1", Domain = "go.example.com", Key = "launch", Url = "https://example.com/" };
        }

        return Explanation.Of(record, new SignUpStatus(state, reason) { ClickId = record.MetadataClick ?? record.BrowserClick }, clicks, 0, new DubClerkOptions());
    }
}
