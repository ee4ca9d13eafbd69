using System.Net;
using Dub.Clerk.Host.Api;
using Dub.Clerk.Host.Tests.Dashboard;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Dub.Clerk.Host.Tests.Secrets;

/// <summary>Several keys, and those with which one may only look.</summary>
public sealed class ReadKeyTests : IAsyncLifetime
{
    private const string OtherKey = "dub_other_0123456789abcdef";
    private const string ReadKey = "dub_read_0123456789abcdef";
    private const string OtherReadKey = "dub_read_fedcba9876543210";

    private HostFixture _host = null!;

    public async ValueTask InitializeAsync() => _host = await HostFixture.StartAsync(new Dictionary<string, string?>
    {
        ["DUBCLERK_API_KEY"] = $"{HostFixture.ApiKey}, {OtherKey}\n",
        ["DUBCLERK_READ_API_KEY"] = $"{ReadKey} {OtherReadKey}",
        ["DubClerk:ApiRequestsPerMinute"] = "1000",
    });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Every endpoint of the API there is, so that a new one cannot forget to ask.</summary>
    [Fact]
    public async Task ReadKey_ReadsAndChangesNothing()
    {
        var keyed = _host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.Metadata.Contains(ApiDocument.ByApiKey)).ToList();
        Assert.InRange(keyed.Count, 50, 200);
        foreach (var endpoint in keyed)
        {
            var address = "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
            {
                RoutePatternLiteralPart literal => literal.Content,
                RoutePatternParameterPart { Name: "destination" } => "dub",
                RoutePatternParameterPart { Name: "event" } => "clicks",
                RoutePatternParameterPart { Name: "groupBy" } => "count",
                _ => "1",
            }))));
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)
            {
                var (status, body) = await _host.CallAsync(new HttpMethod(method), address, method == "GET" ? null : "{}", "Bearer " + OtherReadKey);
                if (method == "GET")
                {
                    Assert.False(status is 401 or 403 or >= 500, $"{method} {address}: {status}");
                }
                else
                {
                    Assert.True(status == 403, $"{method} {address}: {status}");
                    Assert.Equal("forbidden", body.GetProperty("error").GetProperty("code").GetString());
                    Assert.Equal("https://dub.co/docs/api-reference/errors#forbidden", body.GetProperty("error").GetProperty("doc_url").GetString());
                }
            }
        }

        Assert.Contains(_host.Log.Entries, entry => entry.Message.Contains("read-only key 2 of the 2", StringComparison.Ordinal));
        Assert.DoesNotContain(_host.Log.Entries, entry => entry.Message.Contains(OtherReadKey, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(HostFixture.ApiKey, 200)]
    [InlineData(OtherKey, 200)]
    [InlineData(ReadKey, 200)]
    [InlineData(HostFixture.ApiKey + ", " + OtherKey, 401)]
    [InlineData("", 400)]
    [InlineData("dub_test_0123456789abcdeF", 401)]
    public async Task AnyListedKey_IsGoodAndNoOther(string key, int expected)
        => Assert.Equal(expected, (await _host.CallAsync(HttpMethod.Get, "/links", authorization: "Bearer " + key)).Status);

    [Fact]
    public async Task ReadKey_SignsInToTheDashboardWithoutPersonalData()
    {
        using var browser = new FormBrowser(_host.Origin);
        using var signedIn = await browser.SignInAsync(new() { ["way"] = "key", ["key"] = ReadKey });
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"), one => one.StartsWith("dubclerk_dashboard=", StringComparison.Ordinal)).Split(';')[0];

        Assert.DoesNotContain("customer_email", await CsvAsync(), StringComparison.Ordinal);
        _host.Reload(("DUBCLERK_READ_API_KEY", OtherReadKey));
        Assert.Equal("/dashboard/sign-in", await CsvAsync());

        async Task<string> CsvAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard/events.csv");
            request.Headers.Add("Cookie", cookie);
            using var response = await _host.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return response.Headers.Location?.AbsolutePath ?? await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("DUBCLERK_API_KEY", "long-enough-to-be-a-key short")]
    [InlineData("DUBCLERK_READ_API_KEY", "short")]
    [InlineData("DUBCLERK_READ_API_KEY", "dub_test_0123456789abcdef")]
    [InlineData("DUBCLERK_PUBLISHABLE_KEY", "dub_pk_test dub_test_0123456789abcdef")]
    public async Task KeysThatCannotBe_StopTheStartAndAreNamed(string name, string value)
    {
        var fault = await Assert.ThrowsAsync<HostSetupException>(() => HostFixture.StartAsync(new Dictionary<string, string?> { [name] = value }));

        Assert.StartsWith(name, Assert.Single(fault.Faults), StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", fault.Faults[0], StringComparison.Ordinal);
    }
}
