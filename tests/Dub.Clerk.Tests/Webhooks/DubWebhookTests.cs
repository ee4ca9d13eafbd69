using System.Security.Cryptography;
using System.Text;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;

namespace Dub.Clerk.Tests.Webhooks;

/// <summary><c>/webhooks/dub</c> over HTTP, with what Dub sends.</summary>
public sealed class DubWebhookTests : IAsyncLifetime
{
    private const string Secret = "whsec_0123456789abcdef0123456789abcdef";
    private const string ClickId = "Ab3dEf7hIj1kLm9n";

    private TestStore _store = null!;
    private TestApp _app = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.StartAsync(StoreKind.Garnet);
        _app = await TestApp.StartAsync(
            _store.Connection, pipeline: web => web.MapDubWebhooks(),
            settings: new Dictionary<string, string?> { ["DUB_WEBHOOK_SECRET"] = "an-old-secret-of-enough-length " + Secret });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task ClickOnALinkOfDubs_IsKnownHere()
    {
        Assert.Equal(204, await PostAsync(Clicked()));

        var click = await _app.Get<ClickStore>().FindAsync(ClickId);
        Assert.Equal(("link_1", "dub.example", "launch", "https://example.com/"), (click!.LinkId, click.Domain, click.Key, click.Url));
        Assert.Equal(("Mobile", "DE", null), (click.Device, click.Country, click.City));
        Assert.Equal(DateTimeOffset.Parse("2026-11-22T11:00:00.123Z", System.Globalization.CultureInfo.InvariantCulture), click.Timestamp);
        Assert.True(click.FromDub);
    }

    [Fact]
    public async Task SameClickUnderAnotherEventId_IsCountedOnce()
    {
        await PostAsync(Clicked("evt_1"));
        await PostAsync(Clicked("evt_2"));

        Assert.Equal(1, (await _app.Get<LinkStore>().CountAsync("link_1")).Clicks);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"event":"link.created","data":{}}""")]
    [InlineData("[]")]
    [InlineData("""{"event":7}""")]
    public async Task WhatIsNotHandled_IsTaken(string body) => Assert.Equal(204, await PostAsync(body));

    [Theory]
    [InlineData("""{"event":"link.clicked","data":{}}""")]
    [InlineData("""{"event":"link.clicked","data":{"click":{"id":"test"},"link":{"id":"link_1"}}}""")]
    [InlineData("""{"event":"link.clicked","data":{"click":{"id":"Ab3dEf7hIj1kLm9n"}}}""")]
    [InlineData("not json")]
    public async Task EventWithoutAClick_IsNone(string body) => Assert.Equal(422, await PostAsync(body));

    [Fact]
    public async Task WrongSignature_IsRefusedAndNothingIsWritten()
    {
        Assert.Equal(401, await PostAsync(Clicked(), signature: Sign(Clicked(), "another secret of some length")));
        Assert.Equal(401, await PostAsync(Clicked(), signature: Sign(Clicked() + " ", Secret)));
        Assert.Null(await _app.Get<ClickStore>().FindAsync(ClickId));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public async Task MissingOrMalformedSignature_IsRefused(string? signature) => Assert.Equal(400, await PostAsync(Clicked(), signature ?? string.Empty));

    [Fact]
    public async Task SecretBeingRotated_IsStillTaken() => Assert.Equal(204, await PostAsync(Clicked(), Sign(Clicked(), "an-old-secret-of-enough-length")));

    [Fact]
    public async Task LargeDelivery_IsRefused()
    {
        var body = new string(' ', (1024 * 1024) + 1);
        Assert.Equal(413, await PostAsync(body, Sign(body, Secret)));
    }

    [Fact]
    public async Task LeadThatDubSaysItHas_EndsItsDelivery()
    {
        await using var stage = await DeliveryStage.StartAsync(StoreKind.Garnet);
        await using var app = await TestApp.StartAsync(
            stage.Store.Connection, pipeline: web => web.MapDubWebhooks(), settings: new Dictionary<string, string?> { ["DUB_WEBHOOK_SECRET"] = Secret });
        stage.Dub.Faults.Script("/track/lead", null, FaultKind.KeyTakenThenLost);
        await stage.SignUpAsync("user_1", stage.Dub.PlantClicks([ClickId])[0]);
        await stage.RunAsync();

        var body = """{"id":"evt_1","event":"lead.created","data":{"eventName":"Sign Up","customer":{"externalId":"user_1"},""" + Click + "}}";
        Assert.Equal(204, await PostAsync(body, app: app));
        var took = await stage.RunUntilEmptyAsync(TimeSpan.FromMinutes(1));

        Assert.True(took < TimeSpan.FromMinutes(1));
        var lead = Assert.Single(await stage.Host.Conversions.ListLeadIdsAsync("user_1"));
        var entry = await stage.Host.Get<OutboxStore>().FindAsync(OutboxDestination.Dub, StoreKeys.PartitionOf("user_1"), new OutboxItem(OutboxItem.LeadKind, lead));
        Assert.Equal(OutboxEntryState.Done, entry!.State);
        Assert.Equal(1, stage.Dub.Calls.Count("/track/lead", "user_1", "wait"));
    }

    [Fact]
    public async Task WithoutASecret_TheAppDoesNotStart()
    {
        var fault = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => TestApp.StartAsync(_store.Connection, pipeline: web => web.MapDubWebhooks()));

        Assert.Contains("DUB_WEBHOOK_SECRET is not set", fault.Message, StringComparison.Ordinal);
    }

    private const string Click =
        """
        "click":{"id":"Ab3dEf7hIj1kLm9n","timestamp":"2026-11-22T11:00:00.123Z","url":"https://example.com/","country":"DE","city":"Unknown","device":"Mobile","qr":false,"refererUrl":"(direct)"},
        "link":{"id":"link_1","domain":"dub.example","key":"launch","url":"https://example.com/"}
        """;

    private static string Clicked(string id = "evt_1") => $$"""{"id":"{{id}}","event":"link.clicked","createdAt":"2026-11-22T11:01:00.000Z","data":{""" + Click + "}}";

    private static string Sign(string body, string secret)
        => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));

    private async Task<int> PostAsync(string body, string? signature = null, TestApp? app = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/dub") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        signature ??= Sign(body, Secret);
        if (signature.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Dub-Signature", signature);
        }

        using var response = await (app ?? _app).Client.SendAsync(request);
        return (int)response.StatusCode;
    }
}
