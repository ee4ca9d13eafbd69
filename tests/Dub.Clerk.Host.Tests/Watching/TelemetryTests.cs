using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Watching;

/// <summary>The host as a process of its own, whose telemetry a receiver takes.</summary>
public sealed class TelemetryTests
{
    private const string ApiKey = "dub_test_0123456789abcdef";
    private const string User = "user_2secretsecretsecret";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignUp_IsOneTraceFromTheWebhookToDub_AndNothingNamesAnybody()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var dub = await DubStandIn.StartAsync(cancellationToken: Cancellation);
        await using var clerk = await ClerkServer.StartAsync(cancellationToken: Cancellation);
        using var signer = new ClerkStandIn();
        clerk.Users.Create(User, DateTimeOffset.UtcNow);
        var folder = Directory.CreateTempSubdirectory("dub-watch-");
        try
        {
            var port = FreePort.Next();
            await using var host = await HostProcess.ServeAsync(new Dictionary<string, string?>(Environment(folder, port, signer))
            {
                ["DUB_API_URL"] = dub.Address.ToString(),
                ["DUB_API_KEY"] = dub.ApiKey,
                ["CLERK_API_URL"] = clerk.Address.ToString(),
                ["CLERK_SECRET_KEY"] = clerk.SecretKey,
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
                ["OTEL_SERVICE_NAME"] = "watched",
            });
            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            http.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0 (GracesPhone)");
            var click = dub.PlantClicks(1)[0];

            await DeliverAsync(http, signer, click);
            await FollowAsync(http);
            using (var ready = await http.GetAsync("/health/ready", Cancellation))
            {
                Assert.Equal(200, (int)ready.StatusCode);
            }

            using (var unsigned = await http.PostAsync("/webhooks/clerk", new StringContent("{}"), Cancellation))
            {
                Assert.Equal(400, (int)unsigned.StatusCode);
            }

            await Poll.UntilAsync(() => (string?)clerk.Users.Find(User)!["public_metadata"]?["dubClickId"] == click, "Clerk has the click");
            await Poll.UntilAsync(
                () => new[] { "deliver proof", "deliver lead", "deliver metadata" }.All(name => IsDoneInTheTraceOfAWebhook(receiver.Spans, name)) && receiver.Spans.Any(span => span.Name == "GET /{**key}"),
                "the spans have come");
            var spans = receiver.Spans;
            Assert.Single(spans.Where(span => span.Name.StartsWith("deliver ", StringComparison.Ordinal)).Select(span => span.TraceId).Distinct());
            Assert.Contains(spans, span => span.Name == "GET /{**key}" && span.Attributes["http.response.status_code"] == "302");
            Assert.Contains(spans, span => span is { Source: "Dub.Clerk", Name: "POST" } && Ancestors(spans, span) is [{ Name: "deliver lead" }, { Name: "decide sign_up" }, ..]);
            Assert.Equal("msg_watched", spans.First(span => span.Name == "webhook clerk" && span.Attributes["dubclerk.outcome"] == "taken").Attributes["dubclerk.delivery.id"]);

            await Poll.UntilAsync(
                () => new[] { "dubclerk.outbox.attempt.duration", "dubclerk.lead.recorded", "dubclerk.sign_up.decisions", "dubclerk.outbox.oldest_age", "dubclerk.webhook.duration", "http.client.request.duration", "dotnet.gc.collections", "kestrel.active_connections" }
                    .All(name => receiver.Metrics.Any(metric => metric.Name == name)),
                "the metrics have come");
            await Poll.UntilAsync(
                () => Points(receiver, "dubclerk.webhook.signatures").Any(point => point["dubclerk.outcome"] == "header_missing" && point["dubclerk.sender"] == "clerk")
                    && Points(receiver, "dubclerk.sign_up.decisions").Any(point => point["dubclerk.outcome"] == "tracked"),
                "the refusal and the decision are counted");
            await Poll.UntilAsync(
                () => new[] { "/webhooks/clerk", "/{**key}", "/links/", "/health/ready" }.All(route => Points(receiver, "http.server.request.duration").Any(point => point.GetValueOrDefault("http.route") == route)),
                "requests are measured by route");

            Assert.DoesNotContain(receiver.Spans, span => span.Name.Contains("/health/", StringComparison.Ordinal));
            Assert.Equal(["watched"], receiver.Services.Distinct());
            var sent = receiver.Raw;
            Assert.All(
                [User, click, "ada@example.org", "Byron", "grace", "Graces", "launch-key", "url.query", dub.ApiKey, clerk.SecretKey, ApiKey, signer.WebhookSecret],
                personal => Assert.DoesNotContain(personal, sent, StringComparison.OrdinalIgnoreCase));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task WithoutAReceiver_NothingOfItIsLoaded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux tells which files a process has loaded.");
        using var signer = new ClerkStandIn();
        var folder = Directory.CreateTempSubdirectory("dub-watch-");
        try
        {
            await using var host = await HostProcess.ServeAsync(Environment(folder, FreePort.Next(), signer));

            Assert.True(host.HasLoaded("Dub.Clerk.dll"));
            Assert.False(host.HasLoaded("OpenTelemetry"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task ReceiverThatIsNoAddress_StopsTheStart()
    {
        var refused = await Assert.ThrowsAsync<HostSetupException>(() => HostFixture.StartAsync(new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "collector:4317" }));

        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT", refused.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Environment(DirectoryInfo folder, int port, ClerkStandIn signer) => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
        ["CLERK_WEBHOOK_SIGNING_SECRET"] = signer.WebhookSecret,
        ["DUBCLERK_API_KEY"] = ApiKey,
        ["DUBCLERK_DATA_DIR"] = folder.FullName,
    };

    private static async Task DeliverAsync(HttpClient http, ClerkStandIn signer, string click)
    {
        var body = signer.UserCreated(User, DateTimeOffset.UtcNow, unsafeMetadata: new JsonObject { ["dub_id"] = click });
        var (_, request) = signer.SignDelivery(body, "msg_watched", DateTimeOffset.UtcNow);
        using (request)
        {
            request.RequestUri = new Uri("/webhooks/clerk", UriKind.Relative);
            using var response = await http.SendAsync(request, Cancellation);
            Assert.Equal(200, (int)response.StatusCode);
        }
    }

    /// <summary>Somebody makes a link, and somebody follows it.</summary>
    private static async Task FollowAsync(HttpClient http)
    {
        using var create = new HttpRequestMessage(HttpMethod.Post, "/links")
        {
            Content = JsonContent.Create(new { url = "https://example.com/?of=grace@example.org", domain = "127.0.0.1", key = "launch-key", trackConversion = true }),
        };
        create.Headers.Authorization = new("Bearer", ApiKey);
        using var created = await http.SendAsync(create, Cancellation);
        using var followed = await http.GetAsync("/launch-key?mail=grace@example.org&dub_id=0123456789abcdef", Cancellation);
        Assert.Equal((200, 302), ((int)created.StatusCode, (int)followed.StatusCode));
    }

    private static bool IsDoneInTheTraceOfAWebhook(IReadOnlyList<ReceivedSpan> spans, string name)
        => spans.Any(span => span.Name == name && span.Attributes["dubclerk.outcome"] == "done"
            && Ancestors(spans, span) is [.., { Name: "webhook clerk" }, { Name: "POST /webhooks/clerk" }]);

    /// <summary>From the one that caused it to the first of all.</summary>
    private static List<ReceivedSpan> Ancestors(IReadOnlyList<ReceivedSpan> spans, ReceivedSpan span)
    {
        var ancestors = new List<ReceivedSpan>();
        while (spans.FirstOrDefault(one => one.TraceId == span.TraceId && one.SpanId == span.ParentId) is { } parent)
        {
            ancestors.Add(parent);
            span = parent;
        }

        return ancestors;
    }

    private static IEnumerable<IReadOnlyDictionary<string, string>> Points(OtlpReceiver receiver, string metric)
        => receiver.Metrics.Where(one => one.Name == metric).SelectMany(one => one.Points);
}
