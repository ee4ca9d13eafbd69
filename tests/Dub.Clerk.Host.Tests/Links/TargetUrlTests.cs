using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Tests.Links;

/// <summary>Nothing of a target or of a visitor's query may change on the way.</summary>
public sealed class TargetUrlTests
{
    private const string Click = "abcDEF0123456789";

    [Theory]
    [InlineData("https://a.example/", "", "https://a.example/?dub_id=abcDEF0123456789")]
    [InlineData("https://a.example/p?x=1", "", "https://a.example/p?x=1&dub_id=abcDEF0123456789")]
    [InlineData("https://a.example/p#frag", "", "https://a.example/p?dub_id=abcDEF0123456789#frag")]
    [InlineData("https://a.example/p?x=1#f?g", "?y=2", "https://a.example/p?x=1&y=2&dub_id=abcDEF0123456789#f?g")]
    [InlineData("https://a.example/?x=1&y=2", "?x=9", "https://a.example/?y=2&x=9&dub_id=abcDEF0123456789")]
    [InlineData("https://a.example/?a=%2B+%20", "?b=%26%3D+c&b=d&flag", "https://a.example/?a=%2B+%20&b=%26%3D+c&b=d&flag&dub_id=abcDEF0123456789")]
    [InlineData("https://a.example/", "?a=\u0001b\u007f&c=\u00fc&d=\ud83d\ude00", "https://a.example/?a=%01b%7F&c=%C3%BC&d=%F0%9F%98%80&dub_id=abcDEF0123456789")]
    [InlineData("https://a.example/?dub_id=old", "?dub_id=mine", "https://a.example/?dub_id=abcDEF0123456789")]
    [InlineData("https://a.example/", "?qr=1&redir_url=https://evil.example", "https://a.example/?dub_id=abcDEF0123456789")]
    public void Click_IsAddedAndTheRestIsKept(string target, string query, string expected) => Assert.Equal(expected, TargetUrl.Compose(target, query, Click));

    [Theory]
    [InlineData("https://a.example/", "", "https://a.example/")]
    [InlineData("https://a.example/?x=1", "?dub-no-track=1&y=2", "https://a.example/?x=1&y=2")]
    public void WithoutAClick_NothingIsAdded(string target, string query, string expected) => Assert.Equal(expected, TargetUrl.Compose(target, query, clickId: null));
}
