using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Tests.Links;

/// <summary>Addresses that strangers write, and what is made of them.</summary>
public sealed class LinkAddressTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("example.com", "https://example.com/")]
    [InlineData("localhost:3000/x", "https://localhost:3000/x")]
    [InlineData("example.com/a:b", "https://example.com/a:b")]
    [InlineData(" http://EXAMPLE.com ", "http://example.com/")]
    [InlineData("http://[::1]:80/", "http://[::1]/")]
    [InlineData("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC")]
    [InlineData("mailto:a@example.com", null)]
    [InlineData("javascript:alert(1)", null)]
    [InlineData("javascript://example.com/%0aalert(1)", null)]
    [InlineData("data:text/html,x", null)]
    [InlineData("file:///etc/passwd", null)]
    [InlineData("https://", null)]
    [InlineData("https://xn--\u00fc", null)]
    [InlineData("https://-\u00fc", null)]
    [InlineData("", null)]
    public void Target_IsAWebAddressOrNothing(string text, string? expected) => Assert.Equal(expected, LinkAddress.ParseTarget(text));

    [Theory]
    [InlineData("https://a.example/?x=%2B&utm_source=a&y#f", "b c", "https://a.example/?x=%2B&utm_source=b+c&y#f")]
    [InlineData("https://a.example/?utm_source=a&utm%5Fsource=b", "c", "https://a.example/?utm_source=c")]
    [InlineData("https://a.example/#f", "ü&=", "https://a.example/?utm_source=%C3%BC%26%3D#f")]
    [InlineData("https://a.example/?utm_source=a", "", "https://a.example/")]
    [InlineData("https://a.example/p", null, "https://a.example/p")]
    public void Parameter_IsSetAndTheRestIsKept(string url, string? value, string expected)
        => Assert.Equal(expected, LinkAddress.SetParameter(url, "utm_source", value));

    /// <summary>Both are given to what visitors type.</summary>
    [Fact]
    public void AnyText_ThrowsNothing()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string[] parts = ["http", "https", ":", "//", "/", "\\", "@", "[", "]", "::1", "%", "%5C", "%00", "a.example", "xn--", "ü", "\u202e", "\ud800", ".", "-", ":99999", " ", "\t", "?", "#", "&=", "\u3002", new string('a', 70)];
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => parts[random.Next(parts.Length)]));

            var (target, domain) = (LinkAddress.ParseTarget(text), LinkAddress.NormalizeDomain(text));

            Assert.True(target is null || (!target.AsSpan().ContainsAnyExceptInRange('!', '~') && new Uri(target).Scheme is "http" or "https"), text);
            Assert.DoesNotContain('/', domain);
            Assert.Equal(target, target is null ? null : LinkAddress.ParseTarget(target));
        }
    }
}
