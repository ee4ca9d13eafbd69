using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests;

/// <summary>One host for all tests of a class, behind a proxy that says where visitors are. Each test uses links of its own.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    internal const string PublishableKey = "dub_pk_test";

    private static int _keys;

    internal HostFixture Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await HostFixture.StartAsync(new Dictionary<string, string?>
    {
        ["DUBCLERK_PUBLISHABLE_KEY"] = PublishableKey,
        ["DubClerk:ExchangeRates:JPY"] = "150",
        ["DubClerk:ExchangeRatesDate"] = "2026-11-01",
        ["DubClerk:Proxy:Trusted"] = "127.0.0.1",
        ["DubClerk:Proxy:CountryHeader"] = "CF-IPCountry",
        ["DubClerk:Proxy:RegionHeader"] = "CF-Region-Code",
        ["DubClerk:Proxy:CityHeader"] = "CF-IPCity",
    });

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    /// <summary>A key that no other test has.</summary>
    internal static string NewKey() => $"key{Interlocked.Increment(ref _keys)}";

    /// <summary>Creates a link on the host's own address.</summary>
    internal async Task<JsonElement> CreateAsync(JsonObject link)
    {
        link["url"] ??= "https://example.com/";
        link["domain"] ??= "127.0.0.1";
        var (status, created) = await Host.CallAsync(HttpMethod.Post, "/links", link.ToJsonString());
        Assert.True(status == 200, created.GetRawText());
        return created;
    }

    /// <summary>The clicks on a link, newest first.</summary>
    internal async Task<IReadOnlyList<JsonElement>> ClicksAsync(JsonElement link)
        => [.. (await Host.CallAsync(HttpMethod.Get, "/events?limit=1000")).Body.EnumerateArray()
            .Where(click => click.GetProperty("link_id").GetString() == link.GetProperty("id").GetString())];
}
