using System.Security.Cryptography;
using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using Dub.Clerk.Attribution;
using Dub.Clerk.Authentication;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Dub.Clerk.Benchmarks;

/// <summary>What the middleware adds to a request of the app, beside an anonymous request and beside plain JwtBearer with a cached key: a whole pipeline,
/// without a server around it.</summary>
[MemoryDiagnoser]
public class RequestBenchmarks : IDisposable
{
    private readonly ClerkStandIn _clerk = new();
    private readonly RSA _rsa = RSA.Create();
    private WebApplication _ours = null!;
    private WebApplication _oursUncached = null!;
    private WebApplication _plain = null!;
    private RequestDelegate _oursPipeline = null!;
    private RequestDelegate _oursUncachedPipeline = null!;
    private RequestDelegate _plainPipeline = null!;
    private string _authorization = "";
    private string _cookie = "";

    [GlobalSetup]
    public void Setup()
    {
        _rsa.ImportFromPem(_clerk.PublicKeyPem);
        _ours = Ours("4096");
        _oursUncached = Ours("0");
        _plain = Plain();
        (_oursPipeline, _oursUncachedPipeline, _plainPipeline) = (PipelineOf(_ours), PipelineOf(_oursUncached), PipelineOf(_plain));
        var token = new TokenBuilder(_clerk, DateTimeOffset.UtcNow)
            .WithClaim("exp", DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds())
            .WithClaim("metadata", new JsonObject { ["dubClickId"] = "AbCdEfGh01234567" }).Build();
        _ = PublishableKey.TryParse(_clerk.PublishableKey, out var key, out _);
        var suffix = key!.CookieSuffix;
        _authorization = "Bearer " + token;
        _cookie = $"__client_uat=1700000000; __client_uat_{suffix}=1700000000; __session={token}; __session_{suffix}={token}";
    }

    public void Dispose()
    {
        _clerk.Dispose();
        _rsa.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public Task Anonymous() => RunAsync(_ours, _oursPipeline, null, null);

    [Benchmark]
    public Task SignedInByHeader() => RunAsync(_ours, _oursPipeline, _authorization, null);

    [Benchmark]
    public Task SignedInByCookie() => RunAsync(_ours, _oursPipeline, null, _cookie);

    [Benchmark]
    public Task SignedInWithoutCache() => RunAsync(_oursUncached, _oursUncachedPipeline, _authorization, null);

    [Benchmark]
    public Task JwtBearerAnonymous() => RunAsync(_plain, _plainPipeline, null, null);

    [Benchmark]
    public Task JwtBearerSignedIn() => RunAsync(_plain, _plainPipeline, _authorization, null);

    private static async Task RunAsync(WebApplication app, RequestDelegate pipeline, string? authorization, string? cookie)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        context.Request.Method = "GET";

        // So that the collection is there for everybody, as it is in a server.
        context.Request.Headers.UserAgent = "Mozilla/5.0";
        if (authorization is not null)
        {
            context.Request.Headers.Authorization = authorization;
        }

        if (cookie is not null)
        {
            context.Request.Headers.Cookie = cookie;
        }

        await pipeline(context);
        if ((authorization ?? cookie) is not null && context.Response.StatusCode != StatusCodes.Status204NoContent)
        {
            throw new InvalidOperationException("The token was refused.");
        }
    }

    /// <summary>Tells by the status whether somebody is signed in, without asking for more of the user than the middleware did.</summary>
    private static Task EndAsync(HttpContext context)
    {
        var known = context.Features.Get<IDubClerkFeature>() is { } feature ? feature.UserId is not null : context.User.Identity is { IsAuthenticated: true };
        context.Response.StatusCode = known ? StatusCodes.Status204NoContent : StatusCodes.Status200OK;
        return Task.CompletedTask;
    }

    private WebApplication Ours(string cacheSize)
    {
        var builder = NewBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["CLERK_PUBLISHABLE_KEY"] = _clerk.PublishableKey,
            ["CLERK_JWT_KEY"] = _clerk.PublicKeyPem,
            ["ConnectionStrings:Redis"] = "127.0.0.1:1",
            ["DubClerk:AuthorizedParties:0"] = "https://app.example.com",
            ["DubClerk:SessionTokenCacheSize"] = cacheSize,
        });
        builder.Services.AddDubClerk();
        return builder.Build();
    }

    private WebApplication Plain()
    {
        var builder = NewBuilder();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            options.TokenValidationParameters = new TokenValidationParameters
            {
                ValidIssuer = _clerk.Issuer,
                ValidateAudience = false,
                IssuerSigningKey = new RsaSecurityKey(_rsa),
            };
        });
        return builder.Build();
    }

    private static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        return builder;
    }

    private static RequestDelegate PipelineOf(WebApplication app)
    {
        var pipeline = new ApplicationBuilder(app.Services);
        if (app.Services.GetService<LiveOptions>() is null)
        {
            pipeline.UseAuthentication();
        }
        else
        {
            pipeline.UseDubClerk();
        }

        pipeline.Run(EndAsync);
        return pipeline.Build();
    }
}
