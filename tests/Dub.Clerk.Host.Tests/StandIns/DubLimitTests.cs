using System.Net;
using System.Net.Http.Headers;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>Whom the stand-in lets in, and how often.</summary>
public sealed class DubLimitTests
{
    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, "Missing Authorization header.")]
    [InlineData("Token x", HttpStatusCode.BadRequest, "Misconfigured authorization header. Did you forget to add 'Bearer '? Learn more: https://d.to/auth")]
    [InlineData("Bearer dub_wrong", HttpStatusCode.Unauthorized, "Unauthorized: Invalid API key.")]
    [InlineData("Bearer wrong", HttpStatusCode.NotFound, "Workspace ID not found. Keys without the prefix dub_ need a workspaceId.")]
    public async Task WithoutTheKey_NobodyGetsIn(string? header, HttpStatusCode expected, string message)
    {
        await using var caller = await DubCaller.StartAsync();
        caller.Http.DefaultRequestHeaders.Authorization = header is null ? null : AuthenticationHeaderValue.Parse(header);

        var (status, error) = await caller.LeadAsync();

        Assert.Equal((expected, message), (status, error.Message()));
        Assert.Empty(caller.Dub.Customers);
    }

    [Theory]
    [InlineData(nameof(DubKeyState.Revoked), HttpStatusCode.Unauthorized, "unauthorized")]
    [InlineData(nameof(DubKeyState.NoPermission), HttpStatusCode.Forbidden, "forbidden")]
    public async Task KeyThatLostItsRights_IsRefusedUntilItHasThemAgain(string state, HttpStatusCode expected, string code)
    {
        await using var caller = await DubCaller.StartAsync();
        caller.Dub.Options.Key = Enum.Parse<DubKeyState>(state);

        foreach (var (status, error) in new[] { await caller.LeadAsync(), await caller.GetAsync("/events"), await caller.GetAsync("/customers") })
        {
            Assert.Equal((expected, code), (status, error.Code()));
        }

        caller.Dub.Options.Key = DubKeyState.Valid;
        Assert.True((await caller.LeadAsync()).Json.HasLink());
    }

    [Fact]
    public async Task Limit_HoldsInAnyWindow()
    {
        await using var caller = await DubCaller.StartAsync(time => new DubStandInOptions { Time = time, Limit = 3 });

        await caller.LeadAsync(user: "user_1");
        caller.Time.Advance(TimeSpan.FromSeconds(30));
        await caller.LeadAsync(user: "user_2");
        await caller.LeadAsync(user: "user_3");
        using var refused = await caller.Http.GetAsync("/customers", TestContext.Current.CancellationToken);
        caller.Time.Advance(TimeSpan.FromSeconds(30));
        var (afterOne, _) = await caller.LeadAsync(user: "user_4");
        var (stillFull, _) = await caller.LeadAsync(user: "user_5");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        var reset = (caller.Time.GetUtcNow().ToUnixTimeMilliseconds()).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(["3", "0", reset, reset], Headers(refused));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (afterOne, stillFull));
    }

    [Fact]
    public async Task Successes_DoNotTellOfTheLimitAndErrorsDo()
    {
        await using var caller = await DubCaller.StartAsync();

        using var success = await caller.Http.GetAsync("/customers", TestContext.Current.CancellationToken);
        using var error = await caller.Http.GetAsync("/customers/cus_none", TestContext.Current.CancellationToken);
        using var link = await caller.Http.GetAsync("/links/info?domain=dub.sh&key=planted", TestContext.Current.CancellationToken);

        Assert.Empty(Headers(success));
        Assert.Equal(["1200", "1198"], Headers(error).Take(2));
        Assert.Equal(["1200", "1197"], Headers(link).Take(2));
    }

    [Fact]
    public async Task Events_HaveALimitOfTheirOwn()
    {
        await using var caller = await DubCaller.StartAsync(time => new DubStandInOptions { Time = time, Limit = 1, EventsLimit = 2 });

        var statuses = new List<HttpStatusCode>();
        for (var call = 0; call < 3; call++)
        {
            statuses.Add((await caller.GetAsync("/events")).Status);
        }

        caller.Time.Advance(TimeSpan.FromSeconds(1));
        statuses.Add((await caller.GetAsync("/events")).Status);
        statuses.Add((await caller.LeadAsync()).Status);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK, HttpStatusCode.OK], statuses);
    }

    [Fact]
    public async Task RefusedCall_TakesNoKey()
    {
        await using var caller = await DubCaller.StartAsync(time => new DubStandInOptions { Time = time, Limit = 0 });

        var (status, error) = await caller.LeadAsync();
        caller.Dub.Options.Limit = 10;

        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limit_exceeded", "Too many requests."), (status, error.Code(), error.Message()));
        Assert.Equal("https://dub.co/docs/api-reference/errors#rate-limit_exceeded", error.GetProperty("error").GetProperty("doc_url").GetString());
        Assert.True((await caller.LeadAsync()).Json.HasLink());
    }

    [Fact]
    public async Task AddressBeyondLoopback_IsRefused()
        => await Assert.ThrowsAsync<ArgumentException>(
            () => DubStandIn.StartAsync(new DubStandInOptions { Address = new Uri("http://0.0.0.0:0") }, TestContext.Current.CancellationToken));

    private static string[] Headers(HttpResponseMessage response)
        => [.. new[] { "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After" }
            .Where(response.Headers.NonValidated.Contains).Select(name => response.Headers.NonValidated[name].ToString())];
}
