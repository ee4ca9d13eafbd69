using System.Diagnostics.Metrics;
using Dub.Clerk.Authentication;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>Fetching keys from an endpoint over real HTTP that is slow, down, huge, lying or rotating, on a clock that only the test moves.</summary>
public sealed class JwksKeysTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TokenFixture.Now);
    private readonly ServiceProvider _services = Services();
    private JwksServer _server = null!;
    private JwksKeys _keys = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await JwksServer.StartAsync(TokenFixture.Clerk.Jwks());
        _keys = KeysAt(_server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task ManyFirstRequests_FetchOnce()
    {
        var release = new TaskCompletionSource();
        _server.Answer = async context =>
        {
            await release.Task;
            await context.Response.WriteAsync(TokenFixture.Clerk.Jwks());
        };

        var waiting = Enumerable.Range(0, 100).Select(_ => _keys.RefreshAsync(SessionKeySet.None)).ToList();
        await Poll.UntilAsync(() => _server.Requests > 0, "the fetch has arrived");
        Assert.DoesNotContain(waiting, task => task.IsCompleted);
        release.SetResult();

        Assert.All(await Task.WhenAll(waiting), Assert.True);
        Assert.Equal(1, _server.Requests);
        Assert.Equal(SessionTokenOutcome.Valid, Check());
    }

    [Fact]
    public async Task FloodOfUnknownKeyIds_CostsOneFetchPerInterval()
    {
        await _keys.RefreshAsync(_keys.Current);
        for (var interval = 1; interval <= 3; interval++)
        {
            _time.Advance(JwksKeys.MinimumInterval);
            await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => _keys.RefreshAsync(_keys.Current)));
            Assert.Equal(1 + interval, _server.Requests);
        }
    }

    [Fact]
    public async Task RefreshWithinTheInterval_IsNotMade()
    {
        await _keys.RefreshAsync(_keys.Current);
        _time.Advance(JwksKeys.MinimumInterval - TimeSpan.FromMilliseconds(1));

        Assert.False(await _keys.RefreshAsync(_keys.Current));
        Assert.Equal(1, _server.Requests);
    }

    [Fact]
    public async Task DownAtStart_RefusesAndIsTriedAgainAfterTheInterval()
    {
        _server.Answer = context => Status(context, StatusCodes.Status503ServiceUnavailable);
        Assert.False(await _keys.RefreshAsync(_keys.Current));
        Assert.Equal(SessionTokenOutcome.KeysUnavailable, Check());

        _server.Serve(TokenFixture.Clerk.Jwks());
        Assert.False(await _keys.RefreshAsync(_keys.Current));
        Assert.Equal(SessionTokenOutcome.KeysUnavailable, Check());

        _time.Advance(JwksKeys.MinimumInterval);
        Assert.True(await _keys.RefreshAsync(_keys.Current));
        Assert.Equal(SessionTokenOutcome.Valid, Check());
    }

    [Fact]
    public async Task NothingListening_RefusesWithoutAnException()
    {
        await _server.DisposeAsync();

        Assert.False(await _keys.RefreshAsync(_keys.Current));
        Assert.Equal(SessionTokenOutcome.KeysUnavailable, Check());
    }

    public static TheoryData<string> Lies => [.. LyingAnswers.Keys];

    private static readonly Dictionary<string, Func<HttpContext, Task>> LyingAnswers = new()
    {
        ["an error"] = context => Status(context, StatusCodes.Status500InternalServerError),
        ["not found"] = context => Status(context, StatusCodes.Status404NotFound),
        ["no content"] = context => Status(context, StatusCodes.Status204NoContent),
        ["a page"] = context => context.Response.WriteAsync("<!doctype html><title>Sign in to the Wi-Fi</title>"),
        ["no keys"] = context => context.Response.WriteAsync("""{"keys":[]}"""),
        ["only a symmetric key"] = context => context.Response.WriteAsync("""{"keys":[{"kty":"oct","kid":"x","k":"AAAA"}]}"""),
        ["a huge set"] = context => context.Response.WriteAsync(TokenFixture.Other.Jwks() + new string(' ', JwksKeys.MaxBytes)),
        ["an endless set"] = async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync(new string(' ', 10_000));
            }
        },
        ["a broken connection"] = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        },
        ["a redirect to other keys"] = context =>
        {
            context.Response.Redirect("/other");
            return context.Response.WriteAsync(TokenFixture.Other.Jwks());
        },
    };

    [Theory, MemberData(nameof(Lies))]
    public async Task BadAnswerLater_KeepsTheKeysWeHave(string lie)
    {
        await _keys.RefreshAsync(_keys.Current);
        _server.Answer = LyingAnswers[lie];
        _time.Advance(JwksKeys.MinimumInterval);

        Assert.False(await _keys.RefreshAsync(_keys.Current));

        Assert.Equal(2, _server.Requests);
        Assert.Equal(SessionTokenOutcome.Valid, Check());
    }

    [Fact]
    public async Task Slow_IsGivenUpAfterTheTimeoutOnOurClock()
    {
        var release = new TaskCompletionSource();
        _server.Answer = async context =>
        {
            await release.Task;
            await context.Response.WriteAsync(TokenFixture.Clerk.Jwks());
        };

        var refresh = _keys.RefreshAsync(_keys.Current);
        await Poll.UntilAsync(() => _server.Requests > 0, "the fetch has arrived");
        _time.Advance(JwksKeys.Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(refresh.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.False(await refresh);
        release.SetResult();
    }

    [Fact]
    public async Task RotationUnderTheSameKeyId_IsFollowedAfterTheInterval()
    {
        await _keys.RefreshAsync(_keys.Current);
        var newKey = TokenFixture.Other.Jwks().Replace(TokenFixture.Other.InstanceId, TokenFixture.Clerk.InstanceId, StringComparison.Ordinal);
        var newToken = TokenFixture.Token().SignedBy(TokenFixture.Other).Build();
        _server.Serve(newKey);

        Assert.Equal(SessionTokenOutcome.SignatureInvalid, TokenFixture.Outcome(newToken, keys: _keys.Current));
        Assert.False(await _keys.RefreshAsync(_keys.Current));
        _time.Advance(JwksKeys.MinimumInterval);
        Assert.True(await _keys.RefreshAsync(_keys.Current));

        Assert.Equal(SessionTokenOutcome.Valid, TokenFixture.Outcome(newToken, keys: _keys.Current));
        Assert.Equal(SessionTokenOutcome.SignatureInvalid, Check());
    }

    [Fact]
    public async Task KeysOverAnHourOld_AreRefreshedInTheBackground()
    {
        await _keys.RefreshAsync(_keys.Current);
        var old = _keys.Current;
        _server.Serve(TokenFixture.Other.Jwks());

        _time.Advance(JwksKeys.RefreshAge - TimeSpan.FromSeconds(1));
        Assert.Same(old, _keys.Current);
        Assert.Equal(1, _server.Requests);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Same(old, _keys.Current);
        await Poll.UntilAsync(() => !ReferenceEquals(old, _keys.Current), "the new keys are in force");
        Assert.Equal(2, _server.Requests);
    }

    [Fact]
    public async Task KeysOverAnHourOldWhileClerkIsDown_StayInUseAndAreTriedAtTheInterval()
    {
        await _keys.RefreshAsync(_keys.Current);
        _server.Answer = context => Status(context, StatusCodes.Status503ServiceUnavailable);
        _time.Advance(TimeSpan.FromDays(2));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(SessionTokenOutcome.Valid, Check());
        }

        await _keys.RefreshAsync(_keys.Current);
        Assert.Equal(2, _server.Requests);
        Assert.Equal(SessionTokenOutcome.Valid, Check());
    }

    [Fact]
    public async Task TheSameDocumentAgain_KeepsTheSameKeys()
    {
        await _keys.RefreshAsync(_keys.Current);
        var old = _keys.Current;
        _time.Advance(JwksKeys.MinimumInterval);

        Assert.False(await _keys.RefreshAsync(old));
        Assert.Same(old, _keys.Current);
    }

    [Fact]
    public async Task AskingWithKeysThatAreNoLongerInForce_SaysSoWithoutAFetch()
    {
        await _keys.RefreshAsync(_keys.Current);

        Assert.True(await _keys.RefreshAsync(SessionKeySet.None));
        Assert.Equal(1, _server.Requests);
    }

    private static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddClerkAuthentication();
        return services.BuildServiceProvider();
    }

    private SessionTokenOutcome Check() => TokenFixture.Outcome(TokenFixture.Token().Build(), keys: _keys.Current);

    private JwksKeys KeysAt(Uri address) => new(
        address,
        _services.GetRequiredService<IHttpClientFactory>(),
        _time,
        new DubClerkMetrics(_services.GetRequiredService<IMeterFactory>(), _time),
        NullLogger<JwksKeys>.Instance);
}
