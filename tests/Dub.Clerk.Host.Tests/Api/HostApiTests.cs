using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Host.Tests.Api;

/// <summary>A host with one endpoint more, which fails.</summary>
public sealed class FailingHost : IAsyncLifetime
{
    internal HostFixture Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await HostFixture.StartAsync(
        more: web => web.MapGet("/fails", string () => throw new InvalidOperationException("secret detail")).ExcludeFromDescription());

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>The host's endpoints over HTTP. Each test uses links of its own.</summary>
public sealed class HostApiTests(FailingHost failing) : IClassFixture<FailingHost>
{
    private readonly HostFixture _host = failing.Host;
    private readonly string _key = SharedHost.NewKey();

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task Link_IsCreatedFollowedAndCounted(string prefix)
    {
        var key = "Launch" + _key;
        var (status, link) = await _host.CallAsync(
            HttpMethod.Post, prefix + "/links", $$"""{"url":"example.com/landing?utm_source=news","domain":"127.0.0.1","key":"{{key}}","trackConversion":true}""");

        Assert.Equal(200, status);
        Assert.Equal($"{_host.Origin}{key}", link.GetProperty("shortLink").GetString());
        Assert.Equal("https://example.com/landing?utm_source=news", link.GetProperty("url").GetString());
        Assert.Equal("news", link.GetProperty("utm_source").GetString());

        using var redirect = await _host.Client.GetAsync($"/launch{_key}?ref=x", TestContext.Current.CancellationToken);
        Assert.Equal(302, (int)redirect.StatusCode);
        Assert.Matches("^https://example\\.com/landing\\?utm_source=news&ref=x&dub_id=[0-9A-Za-z]{16}$", redirect.Headers.Location!.OriginalString);
        Assert.Equal("no-store, private", redirect.Headers.CacheControl!.ToString());

        var (_, info) = await _host.CallAsync(HttpMethod.Get, $"{prefix}/links/info?domain=127.0.0.1&key={key.ToUpperInvariant()}");
        var (_, byId) = await _host.CallAsync(HttpMethod.Get, $"{prefix}/links/info?linkId={link.GetProperty("id").GetString()}");
        Assert.Equal(1, info.GetProperty("clicks").GetInt32());
        Assert.Equal(info.GetRawText(), byId.GetRawText());
    }

    [Fact]
    public async Task LinkWithoutTracking_RecordsTheClickAndHandsNothingOn()
    {
        await _host.CallAsync(HttpMethod.Post, "/links", $$"""{"url":"https://example.com/","domain":"127.0.0.1","key":"{{_key}}"}""");

        using var redirect = await _host.Client.GetAsync("/" + _key, TestContext.Current.CancellationToken);
        using var head = await _host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/" + _key), TestContext.Current.CancellationToken);
        using var untracked = await _host.Client.GetAsync($"/{_key}?dub-no-track=1", TestContext.Current.CancellationToken);

        Assert.All([redirect, head, untracked], response => Assert.Equal("https://example.com/", response.Headers.Location!.OriginalString));
        Assert.Single(await EventsAsync("clicks"));
    }

    [Theory]
    [InlineData("{", 400, "bad_request", "Invalid JSON format in request body. Please ensure the request body is a valid JSON object.")]
    [InlineData("[]", 422, "unprocessable_entity", "invalid_type: : Invalid input: expected object, received array")]
    [InlineData("{}", 422, "unprocessable_entity", "invalid_type: url: Invalid input: expected string, received undefined")]
    [InlineData("""{"url":7}""", 422, "unprocessable_entity", "invalid_type: url: Invalid input: expected string, received number")]
    [InlineData("""{"url":""}""", 400, "bad_request", "Missing destination URL")]
    [InlineData("""{"url":"javascript://alert(1)"}""", 422, "unprocessable_entity", "Invalid destination URL")]
    [InlineData("""{"url":"https://a.example","key":"a b"}""", 422, "unprocessable_entity", "Invalid key.")]
    [InlineData("""{"url":"https://a.example","key":"webhooks/clerk"}""", 403, "forbidden", "webhooks/clerk is a reserved path and cannot be used as a short link.")]
    [InlineData("""{"url":"https://a.example","trackConversion":"yes"}""", 422, "unprocessable_entity", "invalid_type: trackConversion: Invalid input: expected boolean, received string")]
    [InlineData("""{"url":"https://a.example","key":"\ud800"}""", 422, "unprocessable_entity", "invalid_type: key: Invalid input: expected string, received string")]
    public async Task BadLink_IsRefusedInDubsWords(string body, int status, string code, string message)
    {
        var (actual, error) = await _host.CallAsync(HttpMethod.Post, "/links", body);

        AssertError(error, code, message);
        Assert.Equal(status, actual);
    }

    [Theory]
    [InlineData("http://\u202E")]
    [InlineData("https://b\u00fccher.example/a?secret=1")]
    [InlineData("javascript:alert(1)")]
    public async Task OddReferrer_SpoilsNoEventList(string referrer)
    {
        await _host.CallAsync(HttpMethod.Post, "/links", $$"""{"url":"https://example.com/","domain":"127.0.0.1","key":"{{_key}}"}""");
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(_host.Origin.Host, _host.Origin.Port, TestContext.Current.CancellationToken);
        var request = System.Text.Encoding.UTF8.GetBytes($"GET /{_key} HTTP/1.1\r\nHost: 127.0.0.1\r\nReferer: {referrer}\r\nConnection: close\r\n\r\n");
        await socket.GetStream().WriteAsync(request, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(socket.GetStream());
        Assert.StartsWith("HTTP/1.1 302", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        Assert.DoesNotContain("secret", Assert.Single(await EventsAsync("clicks")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TargetOutsideAscii_CanBeFollowed()
    {
        var (_, link) = await _host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://b\u00fccher.example/\u00fc","domain":"127.0.0.1","key":"books"}""");

        using var redirect = await _host.Client.GetAsync("/books", TestContext.Current.CancellationToken);

        Assert.Equal("https://xn--bcher-kva.example/%C3%BC", link.GetProperty("url").GetString());
        Assert.Equal((302, "https://xn--bcher-kva.example/%C3%BC"), ((int)redirect.StatusCode, redirect.Headers.Location!.OriginalString));
    }

    [Theory]
    [InlineData("""{"\ud800":1,"url":"https://a.example"}""")]
    [InlineData("""{"url":"https://a.example","domain":"["}""")]
    [InlineData("""{"url":"https://a.example","key":"a/../b"}""")]
    [InlineData("""{"url":"https://a.example","key":".."}""")]
    public async Task LinkThatNobodyCouldFollow_IsRefused(string body)
        => Assert.InRange((await _host.CallAsync(HttpMethod.Post, "/links", body)).Status, 400, 422);

    [Fact]
    public async Task WrongMethodOrContentType_IsSaidInTheEnvelope()
    {
        using var form = new HttpRequestMessage(HttpMethod.Post, "/links") { Content = new FormUrlEncodedContent([new("url", "https://a.example")]) };
        form.Headers.Add("Authorization", "Bearer " + HostFixture.ApiKey);
        using var refused = await _host.Client.SendAsync(form, TestContext.Current.CancellationToken);
        var (status, error) = await _host.CallAsync(HttpMethod.Delete, "/events");

        Assert.Equal((415, 405), ((int)refused.StatusCode, status));
        Assert.Contains("application/json", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        AssertError(error, "bad_request", "This method is not allowed here.");
    }

    [Fact]
    public async Task KeyThatIsTaken_IsAConflict()
    {
        const string body = """{"url":"https://a.example","domain":"go.example.com","key":"one"}""";
        await _host.CallAsync(HttpMethod.Post, "/links", body);

        var (status, error) = await _host.CallAsync(HttpMethod.Post, "/links", body.Replace("one", "ONE", StringComparison.Ordinal));

        Assert.Equal(409, status);
        AssertError(error, "conflict", "Duplicate key: This short link already exists.");
    }

    [Fact]
    public async Task ProductionDomain_MustBeConfigured()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:ShortDomains:0"] = "go.example.com" }, "Production");

        var (other, error) = await host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://a.example","domain":"evil.example"}""");
        var (own, link) = await host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://a.example"}""");

        Assert.Equal((403, 200), (other, own));
        AssertError(error, "forbidden", "Domain does not belong to workspace. Name it in DubClerk:ShortDomains.");
        Assert.Matches("^https://go\\.example\\.com/[0-9A-Za-z]{7}$", link.GetProperty("shortLink").GetString()!);
    }

    [Theory]
    [InlineData(null, 401, "unauthorized", "Missing Authorization header.")]
    [InlineData("Basic abc", 400, "bad_request", "Misconfigured authorization header. Did you forget to add 'Bearer '? Learn more: https://d.to/auth")]
    [InlineData("Bearer wrong", 401, "unauthorized", "Unauthorized: Invalid API key.")]
    public async Task WithoutTheKey_NothingAnswers(string? authorization, int status, string code, string message)
    {
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Post, "/links"), (HttpMethod.Get, "/links/info"), (HttpMethod.Get, "/events"), (HttpMethod.Get, "/api/events")])
        {
            var (actual, error) = await _host.CallAsync(method, path, method == HttpMethod.Post ? "{}" : null, authorization);

            Assert.Equal(status, actual);
            AssertError(error, code, message);
        }
    }

    [Fact]
    public async Task Lead_HasDubsShape()
    {
        await _host.CallAsync(HttpMethod.Post, "/links", $$"""{"url":"https://example.com/","domain":"127.0.0.1","key":"{{_key}}","trackConversion":true}""");
        using var redirect = await _host.Client.GetAsync("/" + _key, TestContext.Current.CancellationToken);
        var click = Regex.Match(redirect.Headers.Location!.Query, "dub_id=(\\w+)").Groups[1].Value;
        var (_, delivery) = _host.Clerk.SignDelivery(
            _host.Clerk.UserCreated("user_1", DateTimeOffset.UtcNow, unsafeMetadata: new JsonObject { ["dub_id"] = click }), null, DateTimeOffset.UtcNow);
        delivery.RequestUri = new Uri(_host.Origin, "/webhooks/clerk");
        using var delivered = await _host.Client.SendAsync(delivery, TestContext.Current.CancellationToken);

        var lead = Assert.Single(await EventsAsync("leads"));

        Assert.Equal(("lead", "Sign Up", click), (Text(lead, "event"), Text(lead, "eventName"), Text(lead, "click_id")));
        Assert.Equal(("user_1", "Ada Byron", "ada@example.org"), (Text(lead, "customer", "externalId"), Text(lead, "customer", "name"), Text(lead, "customer", "email")));
        Assert.Equal((_key, 1), (Text(lead, "link", "key"), lead.GetProperty("link").GetProperty("leads").GetInt32()));
        Assert.Equal((JsonValueKind.Number, JsonValueKind.False), (lead.GetProperty("qr").ValueKind, lead.GetProperty("click").GetProperty("qr").ValueKind));
        Assert.Equal(JsonValueKind.Null, lead.GetProperty("link").GetProperty("testStartedAt").ValueKind);
    }

    [Theory]
    [InlineData("event=sale", "invalid_value: event: Invalid option: expected one of \"clicks\"|\"leads\"|\"sales\"")]
    [InlineData("page=0", "too_small: page: Page must be greater than 0.")]
    [InlineData("page=x", "invalid_type: page: Page must be a number.")]
    [InlineData("limit=1001", "too_big: limit: Max limit is 1000.")]
    public async Task BadEventQuery_IsRefused(string query, string message)
    {
        var (status, error) = await _host.CallAsync(HttpMethod.Get, "/events?" + query);

        Assert.Equal(422, status);
        AssertError(error, "unprocessable_entity", message);
    }

    [Fact]
    public async Task Attribution_NeedsASignedInUser()
    {
        using var response = await _host.Client.GetAsync("/attribution", TestContext.Current.CancellationToken);

        Assert.Equal((401, "Bearer"), ((int)response.StatusCode, response.Headers.WwwAuthenticate.ToString()));
    }

    [Fact]
    public async Task UnexpectedError_SaysNothingOfItself()
    {
        var (status, error) = await _host.CallAsync(HttpMethod.Get, "/fails");

        Assert.Equal(500, status);
        AssertError(error, "internal_server_error", "An internal server error occurred. Please contact our support if the problem persists.");
    }

    [Fact]
    public async Task Health_SaysWhatIsReady()
    {
        Assert.Equal("""{"status":"healthy","checks":{}}""", await _host.Client.GetStringAsync("/health/live", TestContext.Current.CancellationToken));
        Assert.Equal(
            """{"status":"healthy","checks":{"store":{"status":"healthy","reason":null},"durability":{"status":"healthy","reason":null},"disk":{"status":"healthy","reason":null},"deliveries":{"status":"healthy","reason":null},"clerkKeys":{"status":"healthy","reason":null}}}""",
            await _host.Client.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ApiDocument_DescribesEveryPublicPathOnce()
    {
        var document = JsonSerializer.Deserialize<JsonElement>(await _host.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken));

        Assert.Equal(
            [
                "/analytics", "/attribution", "/customers", "/customers/count", "/customers/{id}", "/events", "/links", "/links/bulk", "/links/count", "/links/info",
                "/links/upsert", "/links/{linkId}", "/outbox", "/outbox/customers/{customer}", "/outbox/{destination}/dead",
                "/outbox/{destination}/replay", "/outbox/{destination}/waiting", "/outbox/{destination}/{partition}/{item}",
                "/outbox/{destination}/{partition}/{item}/replay", "/personal-data/{externalId}", "/reconcile", "/track/click", "/track/lead", "/track/lead/client", "/track/sale",
                "/track/sale/client", "/track/visit", "/webhooks/clerk",
            ],
            document.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order());
    }

    [Fact]
    public async Task ApiDocument_DescribesEveryFieldAndQueryParameter()
    {
        var document = JsonSerializer.Deserialize<JsonElement>(await _host.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken));
        var fields = document.GetProperty("components").GetProperty("schemas").EnumerateObject()
            .Where(schema => schema.Value.TryGetProperty("properties", out _))
            .SelectMany(schema => schema.Value.GetProperty("properties").EnumerateObject().Select(field => ($"{schema.Name}.{field.Name}", field.Value)));
        var parameters = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .Where(operation => operation.Value.TryGetProperty("parameters", out _))
            .SelectMany(operation => operation.Value.GetProperty("parameters").EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() == "query").Select(parameter => (parameter.GetProperty("name").GetString()!, parameter)));

        // What may be left out and has a schema of its own is described there.
        Assert.Empty(fields.Concat(parameters)
            .Where(item => !item.Item2.TryGetProperty("description", out _) && !item.Item2.TryGetProperty("oneOf", out _)).Select(item => item.Item1));
        Assert.All(parameters, parameter => Assert.True(char.IsAsciiLetterLower(parameter.Item1[0]), parameter.Item1));
    }

    [Fact]
    public async Task ApiDocument_HasAnExampleForEveryFieldThatIsNotAlwaysNull()
    {
        string[] nulls =
        [
            "disabledAt", "folderId", "identifier", "linkRetentionCleanupDisabledAt", "partnerId", "password", "programId", "stripeCustomerId",
            "subscriptionCanceledAt", "tagId", "testCompletedAt", "testStartedAt", "testVariants", "userId",
        ];
        var document = JsonSerializer.Deserialize<JsonElement>(await _host.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken));

        Assert.Empty(document.GetProperty("components").GetProperty("schemas").EnumerateObject()
            .Where(schema => schema.Value.TryGetProperty("properties", out _))
            .SelectMany(schema => schema.Value.GetProperty("properties").EnumerateObject().Select(field => (Name: $"{schema.Name}.{field.Name}", Field: field)))
            .Where(item => !nulls.Contains(item.Field.Name) && !item.Field.Value.TryGetProperty("examples", out _) && IsPlain(item.Field.Value))
            .Select(item => item.Name));

        static bool IsPlain(JsonElement field) => field.TryGetProperty("type", out var type) && !type.GetRawText().Contains("array", StringComparison.Ordinal) && !type.GetRawText().Contains("object", StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApiDocument_IsWrittenByTheBuild()
    {
        var file = Path.Combine(SourceTree.Root, "src", "Dub.Clerk.Host", "bin", "openapi", "dub-clerk.json");
        var written = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!.AsObject();
        var answered = JsonNode.Parse(await _host.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!.AsObject();
        // Where it runs is known to who runs it.
        answered.Remove("servers");
        written.Remove("servers");

        Assert.Equal(answered.ToJsonString(), written.ToJsonString());
    }

    [Fact]
    public async Task ApiKeyOfAHostWithoutClerksKey_IsNotTakenForASession()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["CLERK_PUBLISHABLE_KEY"] = null, ["CLERK_JWT_KEY"] = null });

        Assert.Equal(200, (await host.CallAsync(HttpMethod.Get, "/links")).Status);
        Assert.DoesNotContain(host.Log.Entries, entry => entry.Level >= LogLevel.Warning && entry.Message.Contains("session token", StringComparison.Ordinal));

        // A session's token is another matter: somebody expects it to be checked.
        await host.CallAsync(HttpMethod.Get, "/links", authorization: "Bearer a.b.c");
        Assert.Single(host.Log.Entries, entry => entry.Level == LogLevel.Warning && entry.Message.Contains("session token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ApiDocument_IsWrittenWithoutAStore()
    {
        var folder = Directory.CreateTempSubdirectory("dub-document-");
        try
        {
            var printed = await DotnetCommand.RunAsync(
                SourceTree.Root, "msbuild", "src/Dub.Clerk.Host", "-t:GenerateOpenApiDocuments", "-p:Configuration=" + DotnetCommand.Configuration,
                "-p:_OpenApiDocumentsCache=" + Path.Combine(folder.FullName, "list"), "-p:OpenApiDocumentsDirectory=" + folder.FullName);

            Assert.True(File.Exists(Path.Combine(folder.FullName, "dub-clerk.json")));
            Assert.DoesNotContain("Exception", printed, StringComparison.Ordinal);
            Assert.DoesNotContain("warn:", printed, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task KeyThatHasMadeItsCalls_IsToldWhenItMayCallAgain()
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:ApiRequestsPerMinute"] = "3" });
        HttpResponseMessage response;
        var allowed = 0;
        do
        {
            response = await host.Api.GetAsync("/links/count", TestContext.Current.CancellationToken);
            Assert.Equal("3", Assert.Single(response.Headers.GetValues("X-RateLimit-Limit")));
        }
        while (response.IsSuccessStatusCode && ++allowed < 20);

        // A minute may have ended between the calls.
        Assert.InRange(allowed, 3, 6);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("error");
        Assert.Equal((429, "rate_limit_exceeded", "Too many requests.", "https://dub.co/docs/api-reference/errors#rate-limit_exceeded"), ((int)response.StatusCode, Text(error, "code"), Text(error, "message"), Text(error, "doc_url")));
        Assert.Equal("0", Assert.Single(response.Headers.GetValues("X-RateLimit-Remaining")));
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        var reset = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(Assert.Single(response.Headers.GetValues("X-RateLimit-Reset")), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(0, reset.Second);
        // Who has no key uses up nobody's calls, and is told as ever.
        Assert.Equal(401, (int)(await host.Client.GetAsync("/links/count", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task ApiPage_AsksNobodyElse()
    {
        var page = await _host.Api.GetStringAsync("/scalar", TestContext.Current.CancellationToken);

        Assert.Contains("scalar", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?:src|href)=\"(?:https?:)?//", page);
    }

    /// <summary>Those of the test's own link.</summary>
    private async Task<IEnumerable<JsonElement>> EventsAsync(string kind)
    {
        var (status, events) = await _host.CallAsync(HttpMethod.Get, $"/events?event={kind}&limit=1000");
        Assert.Equal(200, status);
        return events.EnumerateArray().Where(one => Text(one, "link", "key") == _key);
    }

    private static string? Text(JsonElement element, params string[] path) => path.Aggregate(element, (at, name) => at.GetProperty(name)).GetString();

    private static void AssertError(JsonElement body, string code, string message)
    {
        var error = body.GetProperty("error");
        Assert.Equal((code, message), (error.GetProperty("code").GetString(), error.GetProperty("message").GetString()));
        Assert.StartsWith("https://dub.co/docs/api-reference/errors#", error.GetProperty("doc_url").GetString(), StringComparison.Ordinal);
    }
}
