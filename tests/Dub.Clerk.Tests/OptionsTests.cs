using System.Text.RegularExpressions;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Dub.Clerk.Tests;

/// <summary>What start-up says of settings that are missing or wrong.</summary>
public sealed class OptionsTests : IAsyncLifetime
{
    private TestStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await TestStore.StartAsync(StoreKind.Garnet);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task NothingSet_ListsEveryFaultWithItsRemedy()
    {
        var faults = await FaultsAsync(
            new() { ["CLERK_PUBLISHABLE_KEY"] = null, ["CLERK_JWT_KEY"] = null, ["CLERK_WEBHOOK_SIGNING_SECRET"] = null }, store: false, environment: "Production");

        Assert.Collection(
            faults.Order(StringComparer.Ordinal),
            fault => Assert.StartsWith("CLERK_PUBLISHABLE_KEY is not set. Copy", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("CLERK_WEBHOOK_SIGNING_SECRET is not set. Copy", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("ConnectionStrings:Redis is not set", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("DubClerk:AuthorizedParties is empty. List", fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CLERK_PUBLISHABLE_KEY", "pk_live_$$$")]
    [InlineData("CLERK_PUBLISHABLE_KEY", "sk_live_abc")]
    [InlineData("CLERK_JWT_KEY", "no key")]
    [InlineData("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_")]
    [InlineData("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_c2hvcnQ=")]
    [InlineData("DubClerk:KeyPrefix", "a b")]
    [InlineData("DubClerk:ReplicasPerWrite", "-1")]
    [InlineData("DubClerk:NewAccountWindow", "00:00:00")]
    [InlineData("DubClerk:WebhookTolerance", "02:00:00")]
    [InlineData("DubClerk:SessionTokenCacheSize", "-1")]
    [InlineData("DubClerk:CookieLifetime", "500.00:00:00")]
    [InlineData("DubClerk:ClickRetention", "120.00:00:00")]
    [InlineData("DubClerk:EventRetention", "100.00:00:00")]
    [InlineData("DubClerk:EventRetention", "1099.00:00:00")]
    [InlineData("DubClerk:CookieDomain", "com")]
    [InlineData("DubClerk:LeadEventName", " ")]
    [InlineData("DubClerk:JwksAddress", "http://clerk.example.com/jwks.json")]
    [InlineData("DubClerk:AuthorizedParties:0", "https://app.example.com/")]
    public async Task WrongSetting_IsNamedWithoutItsValueWhereThatMayBeSecret(string name, string value)
    {
        var fault = Assert.Single(await FaultsAsync(new() { [name] = value }));

        Assert.StartsWith(Regex.Replace(name, ":\\d+$", string.Empty), fault, StringComparison.Ordinal);
        if (name.StartsWith("CLERK_", StringComparison.Ordinal) && value.Length > 8)
        {
            Assert.DoesNotContain(value, fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AddressOfRedisAsAUrl_IsRefusedWithTheRightSpelling()
        => Assert.Contains("host:port", Assert.Single(await FaultsAsync(new() { ["ConnectionStrings:Redis"] = "redis://localhost:6379" }, store: false)), StringComparison.Ordinal);

    [Fact]
    public async Task ValueThatCannotBeRead_IsAFaultLikeAnyOther()
        => Assert.Contains("'DubClerk:WebhookTolerance'", Assert.Single(await FaultsAsync(new() { ["DubClerk:WebhookTolerance"] = "five" })), StringComparison.Ordinal);

    [Fact]
    public async Task WebhooksMappedFirst_StillListsEveryFault()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(async () =>
        {
            await using var app = await TestApp.StartAsync(
                _store.Connection,
                pipeline: web =>
                {
                    web.MapClerkWebhooks();
                    web.UseDubClerk();
                },
                settings: new Dictionary<string, string?> { ["CLERK_PUBLISHABLE_KEY"] = null, ["CLERK_WEBHOOK_SIGNING_SECRET"] = null });
        });

        Assert.Equal(2, exception.Failures.Count());
    }

    [Fact]
    public async Task WebhooksAlone_NeedNoPublishableKey()
    {
        await using var app = await TestApp.StartAsync(
            _store.Connection, pipeline: web => web.MapClerkWebhooks(), environment: "Production",
            settings: new Dictionary<string, string?> { ["CLERK_PUBLISHABLE_KEY"] = null, ["CLERK_JWT_KEY"] = null });

        Assert.Equal(200, (await app.DeliverUserCreatedAsync("user_1")).Status);
    }

    [Fact]
    public async Task SessionsAlone_NeedNoWebhookSecret()
    {
        await using var app = await TestApp.StartAsync(
            _store.Connection, pipeline: web =>
            {
                web.UseDubClerk();
                web.MapGet("/", TestApp.Describe);
            },
            settings: new Dictionary<string, string?> { ["CLERK_WEBHOOK_SIGNING_SECRET"] = null });

        Assert.Equal("user_1", (await app.OpenAsync("/", "user_1"))["user"]);
    }

    [Fact]
    public async Task NamesThatUsersHave_AreRead()
    {
        await using var app = await TestApp.StartAsync(_store.Connection, settings: new Dictionary<string, string?>
        {
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            ["DubClerk:AuthorizedParties"] = "https://a.example.com, https://b.example.com",
            ["DubClerk:NewAccountWindow"] = "2.00:00:00",
        });

        var options = app.Get<IOptions<DubClerkOptions>>().Value;

        Assert.Equal(2, options.WebhookSigningSecrets.Count);
        Assert.Equal(["https://a.example.com", "https://b.example.com"], options.AuthorizedParties);
        Assert.Equal(TimeSpan.FromDays(2), options.NewAccountWindow);
    }

    [Fact]
    public async Task MissingAddDubClerk_IsSaidInWords()
    {
        var builder = WebApplication.CreateSlimBuilder();
        await using var web = builder.Build();

        Assert.Contains("AddDubClerk", Assert.Throws<InvalidOperationException>(() => web.UseDubClerk()).Message, StringComparison.Ordinal);
        Assert.Contains("AddDubClerk", Assert.Throws<InvalidOperationException>(() => web.MapClerkWebhooks()).Message, StringComparison.Ordinal);
    }

    private async Task<IEnumerable<string>> FaultsAsync(Dictionary<string, string?> settings, bool store = true, string environment = "Development")
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(async () =>
        {
            await using var app = await TestApp.StartAsync(store ? _store.Connection : null, settings: settings, environment: environment);
        });

        // Several stand in a line each: whoever starts the app reads the exception as the framework prints it.
        var faults = exception.Failures.Select(fault => fault.TrimStart('\r', '\n', '-', ' ')).ToList();
        Assert.Equal(faults.Count, exception.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        return faults;
    }
}
