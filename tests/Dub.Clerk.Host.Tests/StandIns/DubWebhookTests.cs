using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>The stand-in's webhooks, at a receiver of the test's own.</summary>
public sealed class DubWebhookTests : IAsyncLifetime
{
    private const string Secret = "whsec_0123456789abcdef";

    private readonly ConcurrentQueue<(string Signature, byte[] Body)> _received = [];
    private WebApplication _receiver = null!;
    private DubCaller _caller = null!;
    private int _failures;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["urls"] = "http://127.0.0.1:0" });
        _receiver = builder.Build();
        _receiver.MapPost("/webhooks/dub", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _received.Enqueue((request.Headers["Dub-Signature"].ToString(), body.ToArray()));
            return Interlocked.Decrement(ref _failures) >= 0 ? Results.StatusCode(503) : Results.Ok();
        });
        await _receiver.StartAsync();
        _caller = await DubCaller.StartAsync(time => new DubStandInOptions
        {
            Time = time,
            Webhook = new Uri(_receiver.Urls.Single() + "/webhooks/dub"),
            WebhookSecret = Secret,
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task Lead_IsToldSignedOverTheRawBody()
    {
        await _caller.LeadAsync();
        await Poll.UntilAsync(() => _received.Count == 1, "the webhook has come");

        var (signature, body) = _received.Single();
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body)), signature);
        var message = JsonDocument.Parse(body).RootElement;
        Assert.Matches("^evt_[0-9A-Za-z]{25}$", message.GetProperty("id").GetString());
        Assert.Equal("lead.created", message.GetProperty("event").GetString());
        var data = message.GetProperty("data");
        Assert.Equal(["eventName", "customer", "click", "link", "metadata"], data.EnumerateObject().Select(field => field.Name));
        Assert.Equal(DubCaller.User, data.GetProperty("customer").GetProperty("externalId").GetString());
        Assert.Equal(DubCaller.Click, data.GetProperty("click").GetProperty("id").GetString());
        Assert.False(data.GetProperty("customer").TryGetProperty("country", out _));
    }

    [Fact]
    public async Task ClickLeadAndSale_AreToldEachOnce()
    {
        await _caller.PostAsync("/links", new JsonObject { ["url"] = "https://example.com", ["domain"] = "go.example.com", ["key"] = "k" });
        var (_, click) = await _caller.PostAsync("/track/click", """{"domain":"go.example.com","key":"k"}""");
        await _caller.LeadAsync("deferred");
        await _caller.LeadAsync("wait", click: click.GetProperty("clickId").GetString()!);
        await _caller.LeadAsync("wait");
        await _caller.PostAsync("/track/sale", new JsonObject { ["customerExternalId"] = DubCaller.User, ["amount"] = 1 });
        await Poll.UntilAsync(() => _received.Count == 3, "three webhooks have come");

        Assert.Equal(
            ["lead.created", "link.clicked", "sale.created"],
            _received.Select(delivery => JsonDocument.Parse(delivery.Body).RootElement.GetProperty("event").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task FailedDelivery_IsRepeatedWithTheSameIdAndBytes()
    {
        _failures = 2;
        await _caller.LeadAsync();
        await Poll.UntilAsync(
            () =>
            {
                _caller.Time.Advance(TimeSpan.FromSeconds(1));
                return _received.Count == 3;
            },
            "the delivery is accepted");

        Assert.Single(_received.Select(delivery => delivery.Signature).Distinct());
    }
}
