using System.Text;
using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;
using Dub.Clerk.SignUps;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Tests.Webhooks;

/// <summary>Every way out of <c>POST /webhooks/clerk</c>.</summary>
public sealed class WebhookEndpointTests : IAsyncLifetime
{
    private TestStore _store = null!;
    private TestApp _app = null!;

    public static TheoryData<string, int> Exits => new()
    {
        { "user.created", 200 },
        { "user.updated", 204 },
        { "user.deleted", 204 },
        { "other type", 204 },
        { "no headers", 400 },
        { "id missing", 400 },
        { "timestamp missing", 400 },
        { "signature missing", 400 },
        { "header repeated", 400 },
        { "timestamp malformed", 400 },
        { "id malformed", 400 },
        { "signatures too many", 400 },
        { "too old", 401 },
        { "too new", 401 },
        { "other secret", 401 },
        { "body changed", 401 },
        { "body empty, signature of another", 401 },
        { "no version we know", 401 },
        { "one byte too large", 413 },
        { "too large without a length", 413 },
        { "not JSON", 422 },
        { "empty", 422 },
        { "array", 422 },
        { "type is a number", 422 },
        { "no data", 422 },
        { "data is an array", 422 },
        { "no user id", 422 },
        { "id of no user", 422 },
        { "deleted, no user id", 422 },
        { "GET", 405 },
    };

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.StartAsync(StoreKind.Garnet);
        _app = await TestApp.StartAsync(_store.Connection, pipeline: web => web.MapClerkWebhooks());
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Exits))]
    public async Task EveryExit_HasItsStatus(string exit, int status)
    {
        var good = _app.Clerk.UserCreated("user_1", _app.Time.GetUtcNow());
        var response = exit switch
        {
            "user.created" => await _app.DeliverAsync(good),
            "user.updated" => await _app.DeliverAsync(Retyped(good, "user.updated")),
            "user.deleted" => await _app.DeliverAsync(Deleted("user_1")),
            "deleted, no user id" => await _app.DeliverAsync(Json("""{"type":"user.deleted","data":{"deleted":true}}""")),
            "other type" => await _app.DeliverAsync(Json("""{"type":"session.created","data":{}}""")),
            "no headers" => await Change(good, request => request.Headers.Clear()),
            "id missing" => await Change(good, request => request.Headers.Remove("svix-id")),
            "timestamp missing" => await Change(good, request => request.Headers.Remove("svix-timestamp")),
            "signature missing" => await Change(good, request => request.Headers.Remove("svix-signature")),
            "header repeated" => await Change(good, request => Set(request, "svix-id", "msg_1", "msg_2")),
            "timestamp malformed" => await Change(good, request => Set(request, "svix-timestamp", "1e9")),
            "id malformed" => await Change(good, request => Set(request, "svix-id", "msg/1")),
            "signatures too many" => await Change(good, request => Set(request, "svix-signature", string.Join(' ', Enumerable.Repeat("v1,x", 17)))),
            "too old" => await Sign(good, TimeSpan.FromSeconds(-301)),
            "too new" => await Sign(good, TimeSpan.FromSeconds(301)),
            "other secret" => await SignByAnother(good),
            "body changed" => await Change(good, request => request.Content = new ByteArrayContent([.. good, (byte)' '])),
            "body empty, signature of another" => await Change(good, request => request.Content = new ByteArrayContent([])),
            "no version we know" => await Change(good, request => Set(request, "svix-signature", "v2,AAAA")),
            "one byte too large" => await _app.DeliverAsync(new byte[(1024 * 1024) + 1]),
            "too large without a length" => await Change(new byte[(1024 * 1024) + 1], request => request.Headers.TransferEncodingChunked = true),
            "not JSON" => await _app.DeliverAsync(Json("{\"type\":")),
            "empty" => await _app.DeliverAsync([]),
            "array" => await _app.DeliverAsync(Json("[]")),
            "type is a number" => await _app.DeliverAsync(Json("""{"type":1}""")),
            "no data" => await _app.DeliverAsync(Json("""{"type":"user.created"}""")),
            "data is an array" => await _app.DeliverAsync(Json("""{"type":"user.created","data":[]}""")),
            "no user id" => await _app.DeliverAsync(Json("""{"type":"user.created","data":{"id":null}}""")),
            "id of no user" => await _app.DeliverAsync(Json("""{"type":"user.created","data":{"id":"org_1"}}""")),
            "GET" => await Change(good, request => (request.Method, request.Content) = (HttpMethod.Get, null)),
            _ => throw new ArgumentOutOfRangeException(nameof(exit)),
        };

        Assert.Equal(status, response.Status);
        if (status is 400 or 401 or 413 or 422)
        {
            Assert.Equal(status, JsonNode.Parse(response.Body)!["status"]!.GetValue<int>());
            Assert.Null(await _app.SignUpAsync("user_1"));
        }
    }

    [Fact]
    public async Task UserWhoChanges_IsKnownAsClerkHasThem()
    {
        await _app.DeliverUserCreatedAsync("user_1");

        await _app.DeliverAsync(Retyped(_app.Clerk.UserCreated("user_1", _app.Time.GetUtcNow().AddMinutes(1), "Grace", "Hopper", "grace@example.org"), "user.updated"));

        var signUp = await _app.Get<SignUpJoin>().ReadRecordAsync("user_1");
        Assert.Equal(("Grace Hopper", "grace@example.org"), (signUp!.Name, signUp.Email));
    }

    [Fact]
    public async Task UserWhoIsDeleted_IsErasedAndStaysSo()
    {
        await _app.DeliverAsync(_app.Clerk.UserCreated("user_1", _app.Time.GetUtcNow(), "Grace", "Hopper", "grace@example.org"));

        await _app.DeliverAsync(Deleted("user_1"));
        await Poll.UntilAsync(async () => (await StoreScan.FindAsync(_store.Connection, "user_1", "Grace", "grace@example.org")).Count == 0, "the user is erased");

        Assert.Equal(200, (await _app.DeliverUserCreatedAsync("user_1")).Status);
        Assert.Equal(204, (await _app.DeliverAsync(Retyped(_app.Clerk.UserCreated("user_1", _app.Time.GetUtcNow()), "user.updated"))).Status);
        Assert.Empty(await StoreScan.FindAsync(_store.Connection, "user_1"));
    }

    [Fact]
    public async Task LargestBodyAllowed_IsRead()
    {
        var padding = new string('x', (1024 * 1024) - 40);
        var body = Json($$"""{"type":"email.created","data":"{{padding}}"}""");
        Array.Resize(ref body, 1024 * 1024);
        body.AsSpan().Replace((byte)0, (byte)' ');

        Assert.Equal(204, (await _app.DeliverAsync(body)).Status);
    }

    [Theory]
    [InlineData("not JSON", "{")]
    [InlineData("no user id", """{"type":"user.created","data":{}}""")]
    public async Task SignedButMalformed_IsLoggedWithItsDeliveryId(string what, string body)
    {
        var id = string.Empty;
        await _app.DeliverAsync(Json(body), request => id = request.Headers.GetValues("svix-id").Single());

        var entry = Assert.Single(_app.Log.Entries, entry => entry.EventId == Diagnostics.EventIds.WebhookMalformed);
        Assert.Contains(id, entry.Message, StringComparison.Ordinal);
        Assert.True(entry.Level == LogLevel.Warning, what);
    }

    [Theory]
    [InlineData("""{"id":"user_1","created_at":"soon","first_name":7,"last_name":null,"image_url":{},"email_addresses":{},"unsafe_metadata":[]}""")]
    [InlineData("""{"id":"user_1","created_at":1e400,"email_addresses":[1,{"id":2}],"primary_email_address_id":"idn_1","unsafe_metadata":{"dub_id":["x"]}}""")]
    [InlineData("""{"id":"user_1","first_name":"\ud800"}""")]
    public async Task FieldsOfOtherShapes_CostNoSignUp(string data)
    {
        var response = await _app.DeliverAsync(Json($$"""{"type":"user.created","data":{{data}}}"""));

        Assert.Equal(200, response.Status);
        Assert.Equal(_app.Time.GetUtcNow(), (await _app.SignUpAsync("user_1"))!.CreatedAt);
    }

    [Theory]
    [InlineData(1_764_000_000_000)]
    [InlineData(1_764_000_000)]
    public async Task CreatedAt_IsMillisecondsOrSeconds(long createdAt)
    {
        await _app.DeliverAsync(Json($$$"""{"type":"user.created","data":{"id":"user_1","created_at":{{{createdAt}}}}}"""));

        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_764_000_000), (await _app.SignUpAsync("user_1"))!.CreatedAt);
    }

    [Fact]
    public async Task LongNameAndOddEmail_AreFittedAndCostNoLead()
    {
        var click = new Click { Id = Ids.NewEvent(), Timestamp = _app.Time.GetUtcNow(), LinkId = "link_1", Domain = "d", Key = "k", Url = "https://example.com" };
        await _app.Get<ClickStore>().RecordAsync(click);
        var body = _app.Clerk.UserCreated(
            "user_1", _app.Time.GetUtcNow(), firstName: new string('ä', 99), lastName: "😀😀", email: "ö@example.org", unsafeMetadata: new JsonObject { ["dub_id"] = click.Id });

        var response = await _app.DeliverAsync(body);

        Assert.Equal("tracked", response["state"]);
        var customer = await _app.Get<ConversionTracker>().FindCustomerAsync("user_1");
        Assert.Equal((new string('ä', 99), null), (customer!.Name, customer.Email));
    }

    [Fact]
    public async Task RotatedSecret_IsAcceptedWithoutARestart()
    {
        var (first, second) = (new Host.StandIns.ClerkStandIn(), new Host.StandIns.ClerkStandIn());
        using (first)
        using (second)
        {
            await using var app = await TestApp.StartAsync(_store.Connection, pipeline: web => web.MapClerkWebhooks(), settings: new Dictionary<string, string?>
            {
                ["CLERK_WEBHOOK_SIGNING_SECRET"] = first.WebhookSecret,
            });
            Assert.Equal(401, await DeliverAsync(app, second));

            var configuration = (IConfigurationRoot)app.Get<IConfiguration>();
            configuration["CLERK_WEBHOOK_SIGNING_SECRET"] = $"{first.WebhookSecret}, {second.WebhookSecret}";
            configuration.Reload();

            Assert.Equal((200, 200), (await DeliverAsync(app, first), await DeliverAsync(app, second)));

            // A slip of the hand changes nothing but the log.
            configuration["CLERK_WEBHOOK_SIGNING_SECRET"] = "whsec_";
            configuration.Reload();

            Assert.Equal(200, await DeliverAsync(app, first));
            Assert.Contains(app.Log.Entries, entry => entry.EventId == Diagnostics.EventIds.OptionsRefused && entry.Category == typeof(LiveOptions).FullName);
        }
    }

    [Fact]
    public async Task HookThatThrows_IsAnswered500AndComesAgain()
    {
        var failing = true;
        await using var app = await TestApp.StartAsync(
            _store.Connection,
            options => options.OnLead = (_, _) => failing ? throw new InvalidOperationException("hook") : ValueTask.CompletedTask,
            pipeline: web => web.MapClerkWebhooks());
        var click = new Click { Id = Ids.NewEvent(), Timestamp = app.Time.GetUtcNow(), LinkId = "link_1", Domain = "d", Key = "k", Url = "https://example.com" };
        await app.Get<ClickStore>().RecordAsync(click);

        var refused = await app.DeliverUserCreatedAsync("user_1", new JsonObject { ["dub_id"] = click.Id });
        failing = false;
        var accepted = await app.DeliverUserCreatedAsync("user_1", new JsonObject { ["dub_id"] = click.Id });

        Assert.Equal((500, 200, "tracked"), (refused.Status, accepted.Status, accepted["state"]));
        Assert.DoesNotContain("hook", refused.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MalformedDeliveryId_IsNotLogged()
    {
        await Change(_app.Clerk.UserCreated("user_1", _app.Time.GetUtcNow()), request => Set(request, "svix-id", "evil<id>" + new string('x', 5000)));

        var entry = Assert.Single(_app.Log.Entries, entry => entry.EventId == Diagnostics.EventIds.WebhookRefused);
        Assert.DoesNotContain("evil", entry.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HookThatTimesOut_IsAnswered500AndStopsNothing()
    {
        // As an HttpClient's time-out ends: with an exception that looks like the app's own stopping.
        var failing = true;
        await using var app = await TestApp.StartAsync(
            _store.Connection,
            options => options.OnLead = (_, _) => failing ? throw new TaskCanceledException("time-out") : ValueTask.CompletedTask,
            pipeline: web => web.MapClerkWebhooks());
        var click = new Click { Id = Ids.NewEvent(), Timestamp = app.Time.GetUtcNow(), LinkId = "link_1", Domain = "d", Key = "k", Url = "https://example.com" };
        await app.Get<ClickStore>().RecordAsync(click);

        var response = await app.DeliverUserCreatedAsync("user_1", new JsonObject { ["dub_id"] = click.Id });
        await Poll.UntilAsync(
            () =>
            {
                app.Time.Advance(TimeSpan.FromSeconds(2));
                return app.Log.Entries.Any(entry => entry.EventId == Diagnostics.EventIds.OutboxItemFailed);
            },
            "the outbox has tried it too");
        failing = false;

        Assert.Equal(500, response.Status);
        await Poll.UntilAsync(
            async () =>
            {
                app.Time.Advance(TimeSpan.FromSeconds(20));
                return (await app.SignUpAsync("user_1"))!.State == SignUpState.Tracked;
            },
            "the outbox, still alive, has recorded the lead");
        Assert.False(app.Get<Microsoft.Extensions.Hosting.IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public async Task NothingPersonal_IsLogged()
    {
        var body = _app.Clerk.UserCreated("user_1", _app.Time.GetUtcNow(), "Secretname", "Byron", "secret.address@example.org");
        await _app.DeliverAsync(body);
        await SignByAnother(body);

        Assert.NotEmpty(_app.Log.Entries);
        Assert.DoesNotContain(_app.Log.Entries, entry => entry.Message.Contains("Secretname", StringComparison.Ordinal)
            || entry.Message.Contains("secret.address", StringComparison.Ordinal) || entry.Message.Contains("whsec_", StringComparison.Ordinal));
    }

    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Retyped(byte[] delivery, string type)
    {
        var json = JsonNode.Parse(delivery)!;
        json["type"] = type;
        return Json(json.ToJsonString());
    }

    private byte[] Deleted(string userId)
        => _app.Clerk.Event("user.deleted", new JsonObject { ["id"] = userId, ["object"] = "user", ["deleted"] = true }, _app.Time.GetUtcNow());

    private static void Set(HttpRequestMessage request, string name, params string[] values)
    {
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, values);
    }

    private static async Task<int> DeliverAsync(TestApp app, Host.StandIns.ClerkStandIn clerk)
    {
        var (_, request) = clerk.SignDelivery(clerk.UserCreated("user_1", app.Time.GetUtcNow()), null, app.Time.GetUtcNow());
        using (request)
        {
            request.RequestUri = new Uri(app.Origin, "/webhooks/clerk");
            using var response = await app.Client.SendAsync(request);
            return (int)response.StatusCode;
        }
    }

    private Task<TestResponse> Change(byte[] body, Action<HttpRequestMessage> change) => _app.DeliverAsync(body, change);

    private Task<TestResponse> Sign(byte[] body, TimeSpan off) => Resign(_app.Clerk, body, off);

    private async Task<TestResponse> SignByAnother(byte[] body)
    {
        using var stranger = new Host.StandIns.ClerkStandIn();
        return await Resign(stranger, body, TimeSpan.Zero);
    }

    private Task<TestResponse> Resign(Host.StandIns.ClerkStandIn clerk, byte[] body, TimeSpan off)
    {
        var (_, signed) = clerk.SignDelivery(body, null, _app.Time.GetUtcNow() + off);
        return _app.DeliverAsync(body, request =>
        {
            foreach (var header in signed.Headers)
            {
                Set(request, header.Key, [.. header.Value]);
            }
        });
    }
}
