using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Dub.Clerk.Attribution;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.SignUps;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Testing;

/// <summary>Somebody's app with the three lines of the README, on real Kestrel and a real store. Each test turns only the knob it is about.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication _web;

    private TestApp(WebApplication web, ClerkStandIn clerk, FakeTimeProvider time, TestLog log)
    {
        _web = web;
        Clerk = clerk;
        Time = time;
        Log = log;
        Origin = new Uri(web.Urls.First());
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Origin };
    }

    public ClerkStandIn Clerk { get; }

    public FakeTimeProvider Time { get; }

    public TestLog Log { get; }

    public Uri Origin { get; }

    /// <summary>Sends what it is told: no cookie jar, no redirects.</summary>
    public HttpClient Client { get; }

    /// <summary>Recording clicks and reading results goes to the services, as the host would.</summary>
    public T Get<T>()
        where T : notnull => _web.Services.GetRequiredService<T>();

    public static async Task<TestApp> StartAsync(
        IConnectionMultiplexer? store,
        Action<DubClerkOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? pipeline = null,
        IDictionary<string, string?>? settings = null,
        string environment = "Development")
    {
        var clerk = TestClerk.Instance;
        var time = new FakeTimeProvider(TestHost.Start);
        var log = new TestLog();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["CLERK_PUBLISHABLE_KEY"] = clerk.PublishableKey,
            ["CLERK_JWT_KEY"] = clerk.PublicKeyPem,
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.WebhookSecret,
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton<TimeProvider>(time);
        if (store is not null)
        {
            builder.Services.AddSingleton(store);
        }

        build?.Invoke(builder);
        builder.Services.AddDubClerk(configure);
        var web = builder.Build();
        (pipeline ?? ThreeLines)(web);
        await web.StartAsync();
        return new TestApp(web, clerk, time, log);
    }

    /// <summary>The pipeline of the README, and pages that say what the middleware left on the request.</summary>
    public static void ThreeLines(WebApplication web)
    {
        web.UseDubClerk();
        web.MapClerkWebhooks();
        web.MapGet("/{**page}", Describe);
        web.MapPost("/{**page}", Describe);
    }

    public static IResult Describe(HttpContext context)
    {
        var feature = context.Features.Get<IDubClerkFeature>();
        return Results.Text(new JsonObject
        {
            ["outcome"] = feature?.Outcome.ToString(),
            ["user"] = feature?.UserId,
            ["click"] = feature?.ClickId,
            ["state"] = feature?.SignUp?.State.ToString(),
            ["identity"] = context.User.Identity?.AuthenticationType,
            ["name"] = context.User.Identity?.Name,
        }.ToJsonString());
    }

    public Task<SignUpStatus?> SignUpAsync(string userId) => Get<ISignUps>().FindAsync(userId);

    public string Token(string userId, JsonObject? publicMetadata = null) => Clerk.MintSessionToken(userId, Time.GetUtcNow(), publicMetadata: publicMetadata);

    /// <summary>A page that a browser opens at top level.</summary>
    public async Task<TestResponse> OpenAsync(string address, string? userId = null, string? cookies = null, Action<HttpRequestMessage>? change = null, JsonObject? publicMetadata = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("Accept", "text/html");
        request.Headers.Add("Sec-Fetch-Dest", "document");
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        if (userId is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(userId, publicMetadata));
        }

        if (cookies is not null)
        {
            request.Headers.Add("Cookie", cookies);
        }

        change?.Invoke(request);
        return await SendAsync(request);
    }

    /// <summary>Clerk delivers the account's creation.</summary>
    public async Task<TestResponse> DeliverAsync(byte[] body, Action<HttpRequestMessage>? change = null)
    {
        var (_, request) = Clerk.SignDelivery(body, deliveryId: null, Time.GetUtcNow());
        using (request)
        {
            request.RequestUri = new Uri(Origin, "/webhooks/clerk");
            change?.Invoke(request);
            return await SendAsync(request);
        }
    }

    public Task<TestResponse> DeliverUserCreatedAsync(string userId, JsonObject? unsafeMetadata = null)
        => DeliverAsync(Clerk.UserCreated(userId, Time.GetUtcNow(), unsafeMetadata: unsafeMetadata));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _web.DisposeAsync();
    }

    private async Task<TestResponse> SendAsync(HttpRequestMessage request)
    {
        using var response = await Client.SendAsync(request);
        return new TestResponse(
            (int)response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : [],
            response.Headers.CacheControl?.ToString(),
            response.Headers.WwwAuthenticate.ToString(),
            response.Headers.RetryAfter?.ToString());
    }
}

/// <summary>An answer, read to its end.</summary>
internal sealed record TestResponse(int Status, string Body, IReadOnlyList<string> SetCookies, string? CacheControl, string WwwAuthenticate, string? RetryAfter)
{
    public string? this[string name] => JsonNode.Parse(Body)![name]?.GetValue<string>();
}
