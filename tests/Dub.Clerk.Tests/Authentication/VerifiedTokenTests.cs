using System.Net;
using System.Security.Claims;
using System.Text;
using Dub.Clerk.Authentication;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>A token that comes again gets the answer it would get if it were verified again, and a principal of its own.</summary>
public sealed class VerifiedTokenTests
{
    [Theory]
    [InlineData(-6, false)]
    [InlineData(-5, true)]
    [InlineData(0, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public async Task RememberedToken_AtTheEdgesOfItsTime_GetsWhatAFreshOneGets(int seconds, bool accepted)
    {
        await using var warm = await ClerkApp.StartAsync();
        await using var cold = await ClerkApp.StartAsync();
        var token = TokenOf("user_1");
        await AssertAsync(warm, token, HttpStatusCode.OK);

        warm.Time.AdjustTime(TokenFixture.Now.AddSeconds(seconds));
        cold.Time.AdjustTime(TokenFixture.Now.AddSeconds(seconds));

        var expected = accepted ? HttpStatusCode.OK : HttpStatusCode.Unauthorized;
        await AssertAsync(cold, token, expected);
        await AssertAsync(warm, token, expected);
    }

    [Fact]
    public async Task KeyWithdrawn_ItsRememberedTokensAreRefusedAtOnce()
    {
        using var before = new ClerkStandIn();
        using var after = new ClerkStandIn();
        await using var keys = await JwksServer.StartAsync(before.Jwks());
        await using var app = await ClerkApp.StartAsync(TokenFixture.Now, options =>
        {
            options.PublishableKey = before.PublishableKey;
            options.JwksAddress = keys.Address;
            options.AllowAnyAuthorizedParty = true;
        });
        var old = new TokenBuilder(before, TokenFixture.Now).Build();
        await AssertAsync(app, old, HttpStatusCode.OK);
        Assert.True(await IsRememberedAsync(app, old));

        keys.Answer = context => context.Response.WriteAsync(after.Jwks());
        app.Time.Advance(JwksKeys.MinimumInterval);
        await AssertAsync(app, new TokenBuilder(after, TokenFixture.Now).Build(), HttpStatusCode.OK);

        Assert.False(await IsRememberedAsync(app, old));
        await AssertAsync(app, old, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task OneRequestChangesItsPrincipal_NoOtherSeesIt()
    {
        await using var app = await ClerkApp.StartAsync();
        var token = TokenOf("user_1");
        for (var request = 0; request < 3; request++)
        {
            var principal = await AuthenticateAsync(app, token);

            Assert.Single(principal.Identities);
            Assert.Null(principal.FindFirst("added"));
            Assert.Empty(principal.FindFirst("sub")!.Properties);
            Assert.Equal("user_1", principal.GetClerkUserId());

            var identity = (ClaimsIdentity)principal.Identity!;
            identity.AddClaim(new Claim("added", "by this request"));
            principal.FindFirst("sub")!.Properties["changed"] = "yes";
            identity.RemoveClaim(principal.FindFirst("sid"));
            principal.AddIdentity(new ClaimsIdentity([new Claim("sub", "user_other")], ClerkAuthenticationDefaults.AuthenticationScheme));
            Assert.NotNull(principal.FindFirst("added"));
            Assert.Null(principal.GetClerkSessionId());
        }
    }

    [Fact]
    public async Task PrincipalAndProperties_AreThoseThatJwtBearerGives()
    {
        await using var app = await ClerkApp.StartAsync();
        await using var jwtBearer = await ClerkApp.StartAsync(services => services.Configure<JwtBearerOptions>(
            ClerkAuthenticationDefaults.AuthenticationScheme, options => options.Events = new JwtBearerEvents { OnTokenValidated = _ => Task.CompletedTask }));
        var token = TokenOf("user_1", builder => builder
            .WithClaim("metadata", new System.Text.Json.Nodes.JsonObject { ["dubClickId"] = "AbCdEfGh01234567" }).WithClaim("org_role", "admin"));

        var expected = await AuthenticateWholeAsync(jwtBearer, token);
        await AuthenticateWholeAsync(app, token);
        var warm = await AuthenticateWholeAsync(app, token);

        Assert.IsNotType<SessionPrincipal>(expected.Principal);
        Assert.IsType<SessionPrincipal>(warm.Principal);
        Assert.Equal(expected.Properties!.Items.OrderBy(item => item.Key), warm.Properties!.Items.OrderBy(item => item.Key));
        Assert.Equal(token, warm.Properties.GetTokenValue("access_token"));
        Assert.Equal(TokenFixture.Now.AddSeconds(60), warm.Properties.ExpiresUtc);

        // Before anything of its identity was asked for, and after.
        Assert.Equal("AbCdEfGh01234567", warm.Principal.GetDubClickId());
        Assert.Equal("user_1", warm.Principal.GetClerkUserId());
        Assert.False(warm.Principal.IsClerkImpersonation());
        Assert.NotNull(Assert.IsType<SessionPrincipal>(warm.Principal).Untouched);
        Assert.Equal(Describe(expected.Principal!), Describe(warm.Principal));
        Assert.Equal("AbCdEfGh01234567", warm.Principal.GetDubClickId());
        Assert.All(warm.Principal.Claims, claim => Assert.Same(warm.Principal.Identity, claim.Subject));
    }

    [Fact]
    public async Task RememberedPrincipal_HoweverItIsLookedAt_HasItsClaims()
    {
        await using var app = await ClerkApp.StartAsync();
        var token = TokenOf("user_1", builder => builder.WithClaim("org_role", "admin"));
        await AuthenticateAsync(app, token);
        (string Name, Func<ClaimsPrincipal, bool> HasThem)[] looks =
        [
            ("Claims", user => user.Claims.Any(claim => claim.Type == "sub")),
            ("Identities", user => user.Identities.Single().HasClaim("sub", "user_1")),
            ("Identity", user => user.Identity is { IsAuthenticated: true, Name: "user_1" }),
            ("FindAll", user => user.FindAll("sub").Single().Value == "user_1"),
            ("FindAll by match", user => user.FindAll(claim => claim.Type == "sub").Count() == 1),
            ("FindFirst", user => user.FindFirst("sub")?.Value == "user_1"),
            ("FindFirst by match", user => user.FindFirst(claim => claim.Type == "sub") is not null),
            ("HasClaim", user => user.HasClaim("sub", "user_1")),
            ("HasClaim by match", user => user.HasClaim(claim => claim.Type == "sub")),
            ("IsInRole", user => user.IsInRole("admin")),
            ("Clone", user => user.Clone().HasClaim("sub", "user_1")),
            ("copy", user => new ClaimsPrincipal(user).HasClaim("sub", "user_1")),
            ("copy of the identity", user => new ClaimsIdentity(user.Identity, [], "other", "sub", "role").HasClaim("sub", "user_1")),
            ("AddIdentity", user => WithAnother(user, one => user.AddIdentity(one))),
            ("AddIdentities", user => WithAnother(user, one => user.AddIdentities([one]))),
            ("written", Written),
        ];

        foreach (var (name, hasThem) in looks)
        {
            var principal = Assert.IsType<SessionPrincipal>(await AuthenticateAsync(app, token));
            Assert.True(hasThem(principal), name);
        }

        static bool WithAnother(ClaimsPrincipal user, Action<ClaimsIdentity> add)
        {
            add(new ClaimsIdentity("another"));
            return user.Identities.Count() == 2 && user.Identity!.Name == "user_1";
        }

        static bool Written(ClaimsPrincipal user)
        {
            using var stream = new MemoryStream();
            user.WriteTo(new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true));
            stream.Position = 0;
            return new ClaimsPrincipal(new BinaryReader(stream)).HasClaim("sub", "user_1");
        }
    }

    [Fact]
    public async Task ManyThreadsAskForOnePrincipal_ItHasOneIdentity()
    {
        await using var app = await ClerkApp.StartAsync();
        var token = TokenOf("user_1");
        await AuthenticateAsync(app, token);
        for (var round = 0; round < 200; round++)
        {
            var principal = await AuthenticateAsync(app, token);

            Parallel.For(0, 8, _ => Assert.Single(principal.Identities));
        }
    }

    [Fact]
    public async Task FloodOfBadTokens_PushesNoGoodOneOut()
    {
        await using var app = await ClerkApp.StartAsync(services => services.Configure<DubClerkOptions>(options => options.SessionTokenCacheSize = 16));
        var good = TokenOf("user_1");
        await AssertAsync(app, good, HttpStatusCode.OK);
        var handler = HandlerOf(app);

        for (var i = 0; i < 20_000; i++)
        {
            // Its own signature, of nothing.
            var bad = await handler.ValidateTokenAsync(good[..good.LastIndexOf('.')] + "." + new string((char)('A' + (i % 26)), 337) + $"{i:00000}", null!);
            Assert.False(bad.IsValid);
        }

        Assert.True(await IsRememberedAsync(app, good));
    }

    [Fact]
    public async Task MoreGoodTokensThanPlaces_TheTableKeepsItsSizeAndEveryTokenIsAccepted()
    {
        var remembered = new VerifiedTokens(16);
        var tokens = Enumerable.Range(0, 200).Select(i => TokenOf($"user_{i}")).ToArray();
        await using var app = await ClerkApp.StartAsync(services => services.Configure<DubClerkOptions>(options => options.SessionTokenCacheSize = 16));
        foreach (var token in tokens.Concat(tokens))
        {
            Assert.True((await HandlerOf(app).ValidateTokenAsync(token, null!)).IsValid);
            remembered.Add(new VerifiedTokens.Entry(token, Verified(token), TokenFixture.Keys));
            Assert.Equal(token, remembered.Find(token)?.Text);
        }

        Assert.InRange(tokens.Count(token => remembered.Find(token) is not null), 1, 16);
        Assert.InRange(tokens.Count(token => app.Services.GetRequiredService<ClerkInstance>().Current.Verified.Find(token) is not null), 1, 16);
    }

    [Fact]
    public async Task SetToZero_NothingIsRemembered()
    {
        await using var app = await ClerkApp.StartAsync(services => services.Configure<DubClerkOptions>(options => options.SessionTokenCacheSize = 0));
        var token = TokenOf("user_1");
        await AssertAsync(app, token, HttpStatusCode.OK);
        await AssertAsync(app, token, HttpStatusCode.OK);

        Assert.False(await IsRememberedAsync(app, token));
    }

    [Fact]
    public async Task AppsOwnEvent_RunsForARememberedTokenToo()
    {
        var seen = 0;
        await using var app = await ClerkApp.StartAsync(services => services.Configure<JwtBearerOptions>(
            ClerkAuthenticationDefaults.AuthenticationScheme,
            options => options.Events = new JwtBearerEvents
            {
                OnTokenValidated = context =>
                {
                    seen++;
                    if (context.Principal!.GetClerkUserId() == "user_banned")
                    {
                        context.Fail("banned");
                    }

                    return Task.CompletedTask;
                },
            }));

        for (var i = 1; i <= 2; i++)
        {
            await AssertAsync(app, TokenOf("user_1"), HttpStatusCode.OK);
            await AssertAsync(app, TokenOf("user_banned"), HttpStatusCode.Unauthorized);
            Assert.Equal(2 * i, seen);
        }
    }

    private static SessionTokenHandler HandlerOf(ClerkApp app) => app.Services.GetRequiredService<SessionTokenHandler>();

    /// <summary>The answer is the one that was kept, not another one like it.</summary>
    private static async Task<bool> IsRememberedAsync(ClerkApp app, string token)
        => app.Services.GetRequiredService<ClerkInstance>().Current.Verified.Find(token) is { } kept && ReferenceEquals(kept, (await HandlerOf(app).CheckAsync(token)).Accepted);

    private static string TokenOf(string user, Func<TokenBuilder, TokenBuilder>? change = null)
    {
        var builder = TokenFixture.Token().WithClaim("sub", user);
        return (change?.Invoke(builder) ?? builder).Build();
    }

    private static ClerkSessionToken Verified(string token)
    {
        SessionTokenVerifier.Verify(token, TokenFixture.Rules, TokenFixture.Keys, TokenFixture.Now, out var verified);
        return Assert.IsType<ClerkSessionToken>(verified);
    }

    private static async Task AssertAsync(ClerkApp app, string token, HttpStatusCode expected)
    {
        using var response = await app.GetAsync("/me", ("Authorization", "Bearer " + token));
        Assert.Equal(expected, response.StatusCode);
    }

    private static async Task<ClaimsPrincipal> AuthenticateAsync(ClerkApp app, string token) => (await AuthenticateWholeAsync(app, token)).Principal!;

    /// <summary>What an endpoint would get that asks for the scheme.</summary>
    private static async Task<AuthenticateResult> AuthenticateWholeAsync(ClerkApp app, string token)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        context.Request.Headers.Authorization = "Bearer " + token;
        var result = await context.AuthenticateAsync(ClerkAuthenticationDefaults.AuthenticationScheme);
        Assert.True(result.Succeeded);
        return result;
    }

    private static string[] Describe(ClaimsPrincipal principal)
        => [principal.Identity!.Name!, principal.Identity.AuthenticationType!, .. principal.Claims.Select(claim => $"{claim.Type}={claim.Value} ({claim.ValueType}, {claim.Issuer}, {claim.OriginalIssuer})")];
}
