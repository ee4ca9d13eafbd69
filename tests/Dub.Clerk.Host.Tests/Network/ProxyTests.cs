using System.Net;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Network;

/// <summary>What is believed of headers, and from whom.</summary>
public sealed class ProxyTests
{
    private const string Browser = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0";

    /// <summary>Also where a platform has the framework believe everybody, as some do without being asked.</summary>
    [Fact]
    public async Task WithoutATrustedProxy_NothingIsBelieved()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["FORWARDEDHEADERS_ENABLED"] = "true" });

        var (first, _) = await FollowAsync(host, "one", ("X-Forwarded-For", "203.0.113.1"), ("X-Forwarded-Proto", "https"));
        var (second, cookie) = await FollowAsync(host, "one", ("X-Forwarded-For", "203.0.113.2"), ("X-Forwarded-Proto", "https"));

        Assert.Equal(first, second);
        Assert.DoesNotContain("secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Single(host.Log.Entries, entry => entry.Message.Contains("DubClerk__Proxy__Trusted__0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ProxyElsewhere_IsNotBelievedEither()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?>
        {
            ["DubClerk:Proxy:Trusted:0"] = "10.0.0.0/8",
            ["DubClerk:Proxy:AddressHeader"] = "CF-Connecting-IP",
            ["DubClerk:Proxy:CountryHeader"] = "CF-IPCountry",
        });

        var (first, _) = await FollowAsync(host, "one", ("CF-Connecting-IP", "203.0.113.1"), ("CF-IPCountry", "DE"));
        var (second, _) = await FollowAsync(host, "one", ("CF-Connecting-IP", "203.0.113.2"), ("CF-IPCountry", "DE"));

        Assert.Equal(first, second);
        var click = Assert.Single((await host.CallAsync(HttpMethod.Get, "/events?event=clicks")).Body.EnumerateArray());
        Assert.NotEqual("DE", click.GetProperty("country").GetString());
    }

    [Fact]
    public async Task TrustedProxy_SaysAddressAndScheme()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:Proxy:Trusted"] = "127.0.0.1, 10.0.0.0/8" });

        var (first, cookie) = await FollowAsync(host, "one", ("X-Forwarded-For", "203.0.113.1, 10.1.2.3"), ("X-Forwarded-Proto", "https, http"));
        var (same, _) = await FollowAsync(host, "one", ("X-Forwarded-For", "198.51.100.1, 203.0.113.1, 10.1.2.4"));
        var (other, _) = await FollowAsync(host, "one", ("X-Forwarded-For", "203.0.113.2"));

        Assert.Equal(first, same);
        Assert.NotEqual(first, other);
        Assert.DoesNotContain(host.Log.Entries, entry => entry.Message.Contains("DubClerk__Proxy__Trusted__0", StringComparison.Ordinal));
        Assert.NotEmpty(cookie);
    }

    [Fact]
    public async Task TrustedProxyWithAHeaderOfItsOwn_SaysAddressAndScheme()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?>
        {
            ["DubClerk:Proxy:Trusted"] = "127.0.0.1",
            ["DubClerk:Proxy:AddressHeader"] = "CF-Connecting-IP",
        });

        var (first, cookie) = await FollowAsync(host, "one", ("CF-Connecting-IP", "203.0.113.1"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "192.0.2.1"));
        var (same, _) = await FollowAsync(host, "one", ("CF-Connecting-IP", "203.0.113.1"), ("X-Forwarded-For", "192.0.2.2"));

        Assert.Equal(first, same);
        Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Trusted", "proxy.example.com")]
    [InlineData("Trusted", "10.0.0.0/33")]
    [InlineData("Trusted", "0.0.0.0/0")]
    [InlineData("Trusted", "::/0")]
    [InlineData("AddressHeader", "X-Real-IP")]
    [InlineData("CityHeader", "CF-IPCity")]
    public async Task SettingsThatCannotBe_StopTheStartAndAreNamed(string setting, string value)
    {
        var fault = await Assert.ThrowsAsync<HostSetupException>(() => HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:Proxy:" + setting] = value }));

        Assert.StartsWith("DubClerk:Proxy", Assert.Single(fault.Faults), StringComparison.Ordinal);
        Assert.Contains("10.0.0.0/8", fault.Faults[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "::ffff:10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("2001:db8::1", "2001:db8::2", false)]
    [InlineData("10.0.0.0/8", null, false)]
    public void Network_HoldsItsAddresses(string trusted, string? peer, bool expected)
    {
        Assert.True(ProxyOptions.TryParse(trusted, out var network));
        Assert.Equal(expected, new ProxyOptions { Trusted = [network] }.Trusts(peer is null ? null : IPAddress.Parse(peer)));
    }

    private static async Task<(string ClickId, string Cookie)> FollowAsync(HostFixture host, string key, params (string Name, string Value)[] headers)
    {
        await host.CallAsync(HttpMethod.Post, "/links", new JsonObject { ["url"] = "https://example.com/", ["domain"] = "127.0.0.1", ["key"] = key, ["trackConversion"] = true }.ToJsonString());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/" + key);
        request.Headers.UserAgent.ParseAdd(Browser);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (System.Web.HttpUtility.ParseQueryString(response.Headers.Location!.Query)["dub_id"]!, string.Join('\n', response.Headers.GetValues("Set-Cookie")));
    }
}
