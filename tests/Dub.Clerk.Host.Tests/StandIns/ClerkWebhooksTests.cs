using System.Text;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Testing;
using Dub.Clerk.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Host.Tests.StandIns;

public sealed class ClerkWebhooksTests : IAsyncLifetime
{
    private static readonly ClerkStandIn Instance = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    private readonly List<(string Id, string Timestamp, string Type)> _received = [];
    private readonly Queue<int> _answers = [];
    private WebApplication _receiver = null!;
    private ClerkServer _clerk = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _receiver = builder.Build();
        _receiver.Run(ReceiveAsync);
        await _receiver.StartAsync();
        _clerk = await ClerkServer.StartAsync(new ClerkServerOptions { Instance = Instance, Time = _time, WebhookAddress = new Uri(_receiver.Urls.First()) });
    }

    public async ValueTask DisposeAsync()
    {
        await _clerk.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task WhatHappensToAUser_IsToldWithAValidSignature()
    {
        _clerk.Users.Create("user_1", unsafeMetadata: new JsonObject { ["dub_id"] = "AbCdEfGh12345678" });
        _clerk.Users.Update("user_1", user => user["first_name"] = "Grace");
        _clerk.Users.Delete("user_1");

        await Poll.UntilAsync(() => Received().Count == 3, "three deliveries arrived");
        Assert.Equal(["user.created", "user.deleted", "user.updated"], Received().Select(delivery => delivery.Type).Order());
        Assert.Equal(3, _clerk.Webhooks.Messages.Select(message => message.Id).Distinct().Count());
        Assert.All(_clerk.Webhooks.Messages, message => Assert.Equal("user_1", message.UserId));
    }

    [Fact]
    public async Task DeliveryThatFails_IsRepeatedOnSvixScheduleWithTheSameIdAndAFreshTimestamp()
    {
        _answers.Enqueue(500);
        _answers.Enqueue(404);

        _clerk.Users.Create("user_1");
        await Poll.UntilAsync(() => Received().Count == 1, "the first attempt arrived");
        await AdvanceUntilAsync(2, TimeSpan.FromSeconds(1));
        await AdvanceUntilAsync(3, TimeSpan.FromSeconds(30));

        var message = Assert.Single(_clerk.Webhooks.Messages);
        await Poll.UntilAsync(() => message.IsDelivered, "it is delivered");
        Assert.Equal([500, 404, 200], message.Answers);
        Assert.All(Received(), delivery => Assert.Equal(message.Id, delivery.Id));
        Assert.Equal(3, Received().Select(delivery => delivery.Timestamp).Distinct().Count());
    }

    [Fact]
    public async Task HeldAndLostEvents_AreNotSentUntilTheyAreReleased()
    {
        _clerk.Webhooks.Delivery = ClerkDelivery.Lost;
        _clerk.Users.Create("user_lost");
        _clerk.Webhooks.Delivery = ClerkDelivery.Held;
        _clerk.Users.Create("user_held");
        Assert.Empty(Received());

        _clerk.Webhooks.Release();

        await Poll.UntilAsync(() => _clerk.Webhooks.Messages.Last().IsDelivered, "what was held arrived");
        Assert.Equal(["user_lost", "user_held"], _clerk.Webhooks.Messages.Select(message => message.UserId));
        Assert.Empty(_clerk.Webhooks.Messages.First().Answers);
    }

    [Fact]
    public async Task EventDeliveredByTheTest_IsSentOncePerCall()
    {
        _clerk.Webhooks.Delivery = ClerkDelivery.Lost;
        _clerk.Users.Create("user_1");
        var message = Assert.Single(_clerk.Webhooks.Messages);

        Assert.Equal(200, await _clerk.Webhooks.SendAsync(message));
        Assert.Equal(200, await _clerk.Webhooks.SendAsync(message));

        Assert.Equal(2, Received().Count);
    }

    private List<(string Id, string Timestamp, string Type)> Received()
    {
        lock (_received)
        {
            return [.. _received];
        }
    }

    private async Task AdvanceUntilAsync(int deliveries, TimeSpan step) => await Poll.UntilAsync(
        () =>
        {
            if (Received().Count < deliveries)
            {
                _time.Advance(step);
            }

            return Received().Count >= deliveries;
        },
        $"attempt {deliveries} arrived");

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Assert.True(WebhookSecret.TryParse(_clerk.Instance.WebhookSecret, out var secret, out _));
        var headers = context.Request.Headers;
        var timestamp = headers["svix-timestamp"].ToString();
        var signature = WebhookVerifier.Sign(secret, headers["svix-id"].ToString(), long.Parse(timestamp, System.Globalization.CultureInfo.InvariantCulture), body.ToArray());
        lock (_received)
        {
            context.Response.StatusCode = signature == headers["svix-signature"] ? _answers.TryDequeue(out var status) ? status : 200 : 401;
            _received.Add((headers["svix-id"].ToString(), timestamp, (string)JsonNode.Parse(Encoding.UTF8.GetString(body.ToArray()))!["type"]!));
        }
    }
}
