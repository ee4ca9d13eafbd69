namespace Dub.Clerk.Tests;

public sealed class WebAddressTests
{
    [Theory]
    [InlineData("https://a.example/p?q#f", true)]
    [InlineData("http://[::1]:8080/", true)]
    [InlineData("a.example", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    // Uri.TryCreate lets IndexOutOfRangeException out for these.
    [InlineData("//\u202E", false)]
    [InlineData("//\u202E//://", false)]
    [InlineData(" //\u202E\t", false)]
    public void Text_IsAnAddressOrIsNot(string? text, bool expected)
    {
        Assert.Equal(expected, WebAddress.TryParse(text, out var address));
        Assert.Equal(expected, address is not null);
    }
}
