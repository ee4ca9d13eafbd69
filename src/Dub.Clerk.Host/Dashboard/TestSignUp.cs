using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Doctor;
using Dub.Clerk.Webhooks;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>Sends this host a sign-up the way that Clerk does: over HTTP to its webhook, signed with the secret that is configured.</summary>
internal sealed class TestSignUp(IHttpClientFactory http, OwnAddress address, LiveOptions options, ClickStore clicks, TimeProvider time)
{
    public const string HttpName = "Dub.Clerk.Host.Dashboard";

    /// <summary>How the ids of test users begin.</summary>
    public const string UserPrefix = "user_test";

    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <param name="link">Whose click the sign-up shall have come from; it is recorded first, and counts. Null for a sign-up without one, which counts
    /// nothing.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="Store.StoreException">The store did not answer.</exception>
    public async Task<TestSignUpResult> SendAsync(Link? link, CancellationToken cancellationToken)
    {
        if (address.Find() is not { } own || options.Current.WebhookSigningSecrets is not [var text, ..] || !WebhookSecret.TryParse(text, out var secret, out _))
        {
            return new TestSignUpResult(string.Empty, 0, "The host has no address or no webhook secret.");
        }

        var userId = UserPrefix + RandomNumberGenerator.GetString(Base62, 23);
        var body = Body(userId, link is null ? null : await ClickAsync(link), time.GetUtcNow());
        using var request = TestDelivery.Create(new Uri(own, ClerkWebhookEndpoint.DefaultPattern), secret, body, time.GetUtcNow());
        try
        {
            using var client = http.CreateClient(HttpName);
            using var response = await client.SendAsync(request, cancellationToken);
            return new TestSignUpResult(userId, (int)response.StatusCode, response.IsSuccessStatusCode ? null : $"The webhook answered {(int)response.StatusCode}.");
        }
        catch (HttpRequestException e)
        {
            return new TestSignUpResult(userId, 0, $"The host could not reach itself at {own} ({e.HttpRequestError}).");
        }
    }

    private async Task<string> ClickAsync(Link link)
    {
        var click = new Click
        {
            Id = Ids.NewEvent(),
            Timestamp = time.GetUtcNow(),
            LinkId = link.Id,
            Domain = link.Domain,
            Key = link.Key,
            Url = link.Url,
            UserAgent = "Dub.Clerk test sign-up",
        };
        await clicks.RecordAsync(click);
        return click.Id;
    }

    private static byte[] Body(string userId, string? clickId, DateTimeOffset now) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["type"] = "user.created",
        ["object"] = "event",
        ["timestamp"] = now.ToUnixTimeMilliseconds(),
        ["data"] = new JsonObject
        {
            ["id"] = userId,
            ["object"] = "user",
            ["first_name"] = "Test",
            ["last_name"] = "Sign-up",
            ["created_at"] = now.ToUnixTimeMilliseconds(),
            ["email_addresses"] = new JsonArray(),
            ["public_metadata"] = new JsonObject(),
            ["unsafe_metadata"] = clickId is null ? new JsonObject() : new JsonObject { ["dub_id"] = clickId },
        },
    });
}

/// <summary>What came of a test.</summary>
/// <param name="UserId">Who signed up.</param>
/// <param name="Status">What the webhook answered; 0 for nothing.</param>
/// <param name="Fault">What went wrong; null for nothing.</param>
internal sealed record TestSignUpResult(string UserId, int Status, string? Fault);
