using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Dub.Clerk.Authentication;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>The scheme in an app: registration, default scheme, JwtBearer's events, the challenge, logs and counters.</summary>
public sealed class ClerkSchemeTests
{
    private static string Token => TokenFixture.Token().Build();

    private static (string, string) Bearer(string token) => ("Authorization", "Bearer " + token);

    [Fact]
    public async Task OnlyScheme_IsTheDefault()
    {
        await using var app = await ClerkApp.StartAsync();
        using var response = await app.GetAsync("/anyone", Bearer(Token));

        Assert.Equal("user_29w83sxmDNGwOuEthce5gg56FcC", await ReadAsync(response));
    }

    [Fact]
    public async Task SecondRegistration_ChangesNothing()
    {
        await using var app = await ClerkApp.StartAsync(services => services.AddClerkAuthentication());
        using var response = await app.GetAsync("/me", Bearer(Token));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(await app.Services.GetRequiredService<IAuthenticationSchemeProvider>().GetAllSchemesAsync());
    }

    [Fact]
    public async Task AppsOnlyScheme_StaysItsDefault()
    {
        await using var app = await ClerkApp.StartAsync(services => services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, OwnHandler>("Own", null));

        using var own = await app.GetAsync("/anyone");
        Assert.Equal("own user", await ReadAsync(own));
        using var clerk = await app.GetAsync("/me", Bearer(Token));
        Assert.Equal(HttpStatusCode.OK, clerk.StatusCode);
    }

    [Fact]
    public async Task AppsNamedDefault_IsKept()
    {
        await using var app = await ClerkApp.StartAsync(services => services.AddAuthentication("Two")
            .AddScheme<AuthenticationSchemeOptions, OwnHandler>("One", null)
            .AddScheme<AuthenticationSchemeOptions, OwnHandler>("Two", null));

        Assert.Equal("Two", (await app.Services.GetRequiredService<IAuthenticationSchemeProvider>().GetDefaultAuthenticateSchemeAsync())?.Name);
    }

    [Fact]
    public async Task AppsTwoSchemesWithoutADefault_GetNone()
    {
        await using var app = await ClerkApp.StartAsync(services => services.AddAuthentication()
            .AddScheme<AuthenticationSchemeOptions, OwnHandler>("One", null)
            .AddScheme<AuthenticationSchemeOptions, OwnHandler>("Two", null));

        Assert.Null(await app.Services.GetRequiredService<IAuthenticationSchemeProvider>().GetDefaultAuthenticateSchemeAsync());
    }

    [Fact]
    public async Task NoToken_IsChallengedWithoutAnError()
    {
        await using var app = await ClerkApp.StartAsync();
        using var response = await app.GetAsync("/me");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task TwoAuthorizationHeaders_AreRefused()
    {
        await using var app = await ClerkApp.StartAsync();
        var line = $"Authorization: Bearer {Token}";

        Assert.StartsWith("HTTP/1.1 401 ", await app.GetRawAsync("/me", line, line), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await app.GetRawAsync("/me", line), StringComparison.Ordinal);
        Assert.Contains(app.Logs.Entries, entry => entry.Text.Contains(nameof(SessionTokenOutcome.AuthorizationRepeated), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Bearer junk")]
    [InlineData("Bearer")]
    [InlineData("junk")]
    public async Task BadHeaderBesideAGoodCookie_DoesNotFallBack(string authorization)
    {
        await using var app = await ClerkApp.StartAsync();
        using var response = await app.GetAsync("/me", ("Authorization", authorization), ("Cookie", "__session=" + Token));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task GoodHeaderBesideABadCookie_IsAccepted()
    {
        await using var app = await ClerkApp.StartAsync();
        using var response = await app.GetAsync("/me", Bearer(Token), ("Cookie", "__session=junk"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task SessionBehindDubsOwnCookie_IsFound()
    {
        await using var app = await ClerkApp.StartAsync();
        using var response = await app.GetAsync(
            "/me", ("Cookie", "dub_id=AbCdEfGh01234567; dub_partner_data={\"partner\":{\"name\":\"A, B\"}}; x; $y=1; __session=" + Token));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task AppsOwnEvents_RunFirstAndMaySetTheToken()
    {
        await using var app = await ClerkApp.StartAsync(services => services.Configure<JwtBearerOptions>(
            ClerkAuthenticationDefaults.AuthenticationScheme,
            options => options.Events = new JwtBearerEvents
            {
                OnMessageReceived = context =>
                {
                    context.Token = context.Request.Query["token"];
                    return Task.CompletedTask;
                },
                OnTokenValidated = context =>
                {
                    context.Response.Headers["x-valid-to"] = context.SecurityToken.ValidTo.ToString("O", null);
                    return Task.CompletedTask;
                },
                OnChallenge = context =>
                {
                    context.Response.Headers["x-challenged"] = (context.AuthenticateFailure as SessionTokenRefusal)?.Outcome.ToString();
                    return Task.CompletedTask;
                },
            }));

        using var fromQuery = await app.GetAsync("/me?token=" + Token);
        Assert.Equal(HttpStatusCode.OK, fromQuery.StatusCode);
        Assert.Equal("2027-01-15T08:01:00.0000000Z", Assert.Single(fromQuery.Headers.GetValues("x-valid-to")));
        using var fromHeader = await app.GetAsync("/me", Bearer(Token));
        Assert.Equal(HttpStatusCode.OK, fromHeader.StatusCode);
        using var refused = await app.GetAsync("/me", Bearer(TokenFixture.Token().WithClaim("exp", 1).Build()));
        Assert.Equal(nameof(SessionTokenOutcome.Expired), Assert.Single(refused.Headers.GetValues("x-challenged")));
    }

    [Fact]
    public async Task AppsOwnEvents_MayDecideAlone()
    {
        await using var app = await ClerkApp.StartAsync(services => services.Configure<JwtBearerOptions>(
            ClerkAuthenticationDefaults.AuthenticationScheme,
            options => options.Events = new JwtBearerEvents
            {
                OnMessageReceived = context =>
                {
                    context.NoResult();
                    return Task.CompletedTask;
                },
            }));
        using var response = await app.GetAsync("/me", Bearer(Token));

        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task AppsEventsType_IsResolvedPerRequestAndKept()
    {
        await using var app = await ClerkApp.StartAsync(services =>
        {
            services.AddScoped<OwnEvents>();
            services.Configure<JwtBearerOptions>(ClerkAuthenticationDefaults.AuthenticationScheme, options => options.EventsType = typeof(OwnEvents));
        });
        using var response = await app.GetAsync("/me", ("Cookie", "__session=" + Token));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("yes", Assert.Single(response.Headers.GetValues("x-own")));
    }

    [Fact]
    public async Task Refusals_AreLoggedWithOutcomeAndWithoutToken()
    {
        await using var app = await ClerkApp.StartAsync();
        var expired = TokenFixture.Token().WithClaim("exp", 1).Build();
        var forged = TokenFixture.Token().SignedBy(TokenFixture.Other).Build();
        (await app.GetAsync("/me", Bearer(expired))).Dispose();
        (await app.GetAsync("/me", Bearer(forged))).Dispose();
        (await app.GetAsync("/me", Bearer(Token))).Dispose();

        var ours = app.Logs.Entries.Where(entry => entry.Category.StartsWith("Dub.Clerk", StringComparison.Ordinal)).ToList();
        Assert.Contains(ours, entry => entry is { Level: LogLevel.Debug, Id.Id: EventIds.SessionTokenExpired });
        Assert.Contains(ours, entry => entry is { Level: LogLevel.Information, Id.Id: EventIds.SessionTokenRefused } && entry.Text.Contains("SignatureInvalid", StringComparison.Ordinal));
        Assert.DoesNotContain(ours, entry => entry.Level > LogLevel.Information);

        // Nor does JwtBearer repeat a token: our refusals hold none. Signatures are what makes a token worth stealing.
        Assert.All(new[] { expired, forged, Token }, token => Assert.DoesNotContain(
            app.Logs.Entries, entry => entry.Text.Contains(token.Split('.')[2], StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Outcomes_AreCounted()
    {
        await using var app = await ClerkApp.StartAsync();
        var factory = app.Services.GetRequiredService<IMeterFactory>();
        var outcomes = new ConcurrentQueue<object?>();
        using var listener = new MeterListener
        {
            // Meters of other apps in this process have the same name and another scope.
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument is { Name: "dubclerk.session_token.checks", Meter.Name: DubClerkMetrics.MeterName })
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => outcomes.Enqueue(count == 1 ? tags[0].Value : null));
        listener.Start();
        (await app.GetAsync("/me", Bearer(Token))).Dispose();
        (await app.GetAsync("/me", Bearer("junk"))).Dispose();

        Assert.Equal(["valid", "shape_wrong"], outcomes);
    }

    [Fact]
    public async Task NothingConfigured_RefusesAndWarns()
    {
        await using var app = await ClerkApp.StartAsync(TokenFixture.Now, _ => { });
        using var response = await app.GetAsync("/me", Bearer(Token));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains(app.Logs.Entries, entry => entry is { Level: LogLevel.Warning, Id.Id: EventIds.SessionTokensUncheckable });
    }

    [Fact]
    public async Task ReloadedOptions_ApplyWithoutARestart()
    {
        var configuration = new ConfigurationManager { ["Clerk:PublishableKey"] = TokenFixture.Other.PublishableKey, ["Clerk:JwtKey"] = TokenFixture.Other.PublicKeyPem };
        await using var app = await ClerkApp.StartAsync(
            TokenFixture.Now, _ => { }, services => services.Configure<DubClerkOptions>(configuration.GetSection("Clerk")));
        using (var before = await app.GetAsync("/me", Bearer(Token)))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, before.StatusCode);
        }

        configuration["Clerk:PublishableKey"] = TokenFixture.Clerk.PublishableKey;
        configuration["Clerk:JwtKey"] = TokenFixture.Clerk.PublicKeyPem;
        ((IConfigurationRoot)configuration).Reload();

        using var after = await app.GetAsync("/me", Bearer(Token));
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    [Fact]
    public async Task KeySetDownAtStart_RefusesThenRecovers()
    {
        await using var server = await JwksServer.StartAsync();
        await using var app = await ClerkApp.StartAsync(TokenFixture.Now, options =>
        {
            options.PublishableKey = TokenFixture.Clerk.PublishableKey;
            options.JwksAddress = server.Address;
        });
        for (var i = 0; i < 5; i++)
        {
            using var refused = await app.GetAsync("/me", Bearer(Token));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        Assert.Equal(1, server.Requests);
        Assert.Contains(app.Logs.Entries, entry => entry is { Level: LogLevel.Warning, Id.Id: EventIds.JwksFetchRefused });

        server.Serve(TokenFixture.Clerk.Jwks());
        app.Time.Advance(JwksKeys.FirstInterval);
        using var accepted = await app.GetAsync("/me", Bearer(TokenFixture.Token().Build()));
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [Fact]
    public async Task RotatedKey_IsFollowedByTheRequestThatMeetsIt()
    {
        await using var server = await JwksServer.StartAsync(TokenFixture.Other.Jwks());
        await using var app = await ClerkApp.StartAsync(TokenFixture.Now, options =>
        {
            options.PublishableKey = TokenFixture.Clerk.PublishableKey;
            options.JwksAddress = server.Address;
        });
        (await app.GetAsync("/me", Bearer(Token))).Dispose();
        server.Serve(TokenFixture.Clerk.Jwks());
        app.Time.Advance(JwksKeys.MinimumInterval);

        using var response = await app.GetAsync("/me", Bearer(Token));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task KeyWithdrawnWhileNobodyAsked_IsRefusedByTheFirstRequestThatAsksAgain()
    {
        await using var server = await JwksServer.StartAsync(TokenFixture.Clerk.Jwks());
        await using var app = await ClerkApp.StartAsync(TokenFixture.Now, options =>
        {
            options.PublishableKey = TokenFixture.Clerk.PublishableKey;
            options.JwksAddress = server.Address;
        });
        using (var before = await app.GetAsync("/me", Bearer(Token)))
        {
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        }

        server.Serve(TokenFixture.Other.Jwks());
        app.Time.Advance(JwksKeys.OverdueAge);

        using var after = await app.GetAsync("/me", Bearer(new TokenBuilder(TokenFixture.Clerk, app.Time.GetUtcNow()).Build()));
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task ExpiredTokenOfAnUnknownKey_CostsNoFetch()
    {
        await using var server = await JwksServer.StartAsync(TokenFixture.Clerk.Jwks());
        await using var app = await ClerkApp.StartAsync(TokenFixture.Now, options =>
        {
            options.PublishableKey = TokenFixture.Clerk.PublishableKey;
            options.JwksAddress = server.Address;
        });
        (await app.GetAsync("/me", Bearer(Token))).Dispose();
        app.Time.Advance(JwksKeys.MinimumInterval);

        using var response = await app.GetAsync("/me", Bearer(new TokenBuilder(TokenFixture.Clerk, TokenFixture.Now.AddDays(-1)).WithKeyIdOf(TokenFixture.Other).Build()));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task HandlerAddedToAllBearerSchemes_GivesNoSecondChance()
    {
        await using var app = await ClerkApp.StartAsync(
            TokenFixture.Now, options => options.PublishableKey = TokenFixture.Clerk.PublishableKey,
            services => services.ConfigureAll<JwtBearerOptions>(options => options.TokenHandlers.Add(new Microsoft.IdentityModel.JsonWebTokens.JsonWebTokenHandler())));

        Assert.Single(app.Services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>().Get("Clerk").TokenHandlers);
    }

    private static Task<string> ReadAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private sealed class OwnHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "own user")], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }

    private sealed class OwnEvents : JwtBearerEvents
    {
        public override Task MessageReceived(MessageReceivedContext context)
        {
            context.Response.Headers["x-own"] = "yes";
            return Task.CompletedTask;
        }
    }
}
