using System.Security.Claims;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Dub.Clerk.Tests;

/// <summary>The library in apps that authenticate in their own ways.</summary>
public sealed class AppIntegrationTests : IAsyncLifetime
{
    private TestStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await TestStore.StartAsync(StoreKind.Garnet);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UseAuthentication_MayBeThereOrNot(bool useAuthentication)
    {
        await using var app = await TestApp.StartAsync(_store.Connection, pipeline: web =>
        {
            if (useAuthentication)
            {
                web.UseAuthentication();
            }

            TestApp.ThreeLines(web);
        });

        Assert.Equal("user_1", (await app.OpenAsync("/", "user_1"))["user"]);
        Assert.Equal("Clerk", (await app.OpenAsync("/", "user_1"))["identity"]);
    }

    [Fact]
    public async Task RequireAuthorization_KnowsTheClerkUser()
    {
        await using var app = await TestApp.StartAsync(
            _store.Connection, build: builder => builder.Services.AddAuthorization(), pipeline: web =>
            {
                web.UseDubClerk();
                web.UseAuthorization();
                web.MapGet("/me", (ClaimsPrincipal user) => user.GetClerkUserId()).RequireAuthorization();
            });

        Assert.Equal((200, "user_1"), ((await app.OpenAsync("/me", "user_1")).Status, (await app.OpenAsync("/me", "user_1")).Body));
        var anonymous = await app.OpenAsync("/me");
        Assert.Equal((401, "Bearer"), (anonymous.Status, anonymous.WwwAuthenticate));
    }

    [Fact]
    public async Task AppsOwnOnlyScheme_StaysItsDefault()
    {
        await using var app = await TestApp.StartAsync(
            _store.Connection,
            build: builder => builder.Services.AddAuthentication().AddCookie("Own"),
            pipeline: web =>
            {
                web.UseAuthentication();
                web.UseDubClerk();
                web.MapGet("/sign-in", context => context.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ada")], "Own"))));
                web.MapGet("/", TestApp.Describe);
            });

        var cookie = Assert.Single((await app.OpenAsync("/sign-in")).SetCookies).Split(';')[0];
        var own = await app.OpenAsync("/", cookies: cookie);
        var both = await app.OpenAsync("/", "user_1", cookie);
        var clerk = await app.OpenAsync("/", "user_1");

        Assert.Equal(("Own", "ada", null), (own["identity"], own["name"], own["user"]));
        Assert.Equal(("Own", "ada", "user_1"), (both["identity"], both["name"], both["user"]));
        Assert.Equal((null, "user_1"), (clerk["identity"], clerk["user"]));
    }

    [Fact]
    public async Task ClerkUser_DoesNotPassThePolicyOfAnAppWithItsOwnScheme()
    {
        await using var app = await TestApp.StartAsync(
            _store.Connection,
            build: builder =>
            {
                builder.Services.AddAuthentication("Own").AddCookie("Own", options => options.LoginPath = "/sign-in");
                builder.Services.AddAuthorization();
            },
            pipeline: web =>
            {
                web.UseAuthentication();
                web.UseDubClerk();
                web.UseAuthorization();
                web.MapGet("/staff", () => "staff").RequireAuthorization();
                web.MapGet("/customer", () => "customer").RequireAuthorization(new AuthorizeAttribute { AuthenticationSchemes = "Clerk" });
            });

        var staff = await app.OpenAsync("/staff", "user_1");
        var customer = await app.OpenAsync("/customer", "user_1");

        Assert.Equal((302, 200), (staff.Status, customer.Status));
    }

    [Fact]
    public async Task SchemeWithoutUseDubClerk_StillAsksForTheAuthorizedPartyInProduction()
    {
        await using var app = await TestApp.StartAsync(
            _store.Connection, environment: "Production",
            build: builder => builder.Services.AddAuthorization(),
            pipeline: web =>
            {
                web.UseAuthentication();
                web.UseAuthorization();
                web.MapGet("/", () => "in").RequireAuthorization();
            });

        Assert.Equal(401, (await app.OpenAsync("/", "user_1")).Status);
        Assert.Contains(app.Log.Entries, entry => entry.EventId == Diagnostics.EventIds.SessionTokensUncheckable);
    }

    [Fact]
    public async Task NothingConfiguredAndNoToken_IsNoRefusal()
    {
        await using var app = await TestApp.StartAsync(
            _store.Connection, pipeline: web =>
            {
                web.MapClerkWebhooks();
                web.MapGet("/", () => "open");
            },
            settings: new Dictionary<string, string?> { ["CLERK_PUBLISHABLE_KEY"] = null, ["CLERK_JWT_KEY"] = null });

        Assert.Equal(200, (await app.OpenAsync("/", cookies: "theme=dark")).Status);
        Assert.DoesNotContain(app.Log.Entries, entry => entry.EventId == Diagnostics.EventIds.SessionTokensUncheckable);
    }

    [Fact]
    public async Task AddDubClerkTwice_IsHarmless()
    {
        await using var app = await TestApp.StartAsync(_store.Connection, build: builder => builder.Services.AddDubClerk(options => options.LeadEventName = "Joined"));

        Assert.Equal("user_1", (await app.OpenAsync("/", "user_1"))["user"]);
    }

    [Fact]
    public async Task ConnectionStringAlone_IsEnough()
    {
        await using var app = await TestApp.StartAsync(store: null, settings: new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = _store.ConnectionString });

        Assert.Equal(200, (await app.DeliverUserCreatedAsync("user_1")).Status);
    }

    [Fact]
    public async Task StoreAwayAtStart_TheAppStartsAllTheSame()
    {
        await using var app = await TestApp.StartAsync(
            store: null, settings: new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = "127.0.0.1:1,connectTimeout=200" });

        Assert.Equal(200, (await app.OpenAsync("/", "user_1")).Status);
        Assert.Equal(503, (await app.DeliverUserCreatedAsync("user_1")).Status);
    }
}
