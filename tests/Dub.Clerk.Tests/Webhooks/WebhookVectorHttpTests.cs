using Dub.Clerk.Testing;
using Dub.Clerk.Tests.Vectors;
using Microsoft.AspNetCore.Builder;

namespace Dub.Clerk.Tests.Webhooks;

/// <summary>The webhook vectors once more, through a real app on Kestrel: every case that HTTP can carry.</summary>
public sealed class WebhookVectorHttpTests : IClassFixture<WebhookVectorHttpTests.App>
{
    /// <summary>A header value is ASCII to the client; <see cref="WebhookVectorTests"/> runs this one directly.</summary>
    private static readonly string[] NotCarriedByHttp = ["ts arabic digits"];

    /// <summary>What the signature covers is no event: no JSON, JSON behind a byte order mark, or JSON without a type. The signature is good all
    /// the same.</summary>
    private static readonly string[] SignedButNoEvent = ["empty body", "body with BOM, signed", "unicode body"];

    private readonly App _app;

    public WebhookVectorHttpTests(App app) => _app = app;

    public static TheoryData<string> Carried => [.. WebhookVectors.Cases.Select(vector => vector.Name).Except(NotCarriedByHttp)];

    [Theory, MemberData(nameof(Carried))]
    public async Task Vector_GivesItsStatus(string name)
    {
        var (_, headers, body, recommended) = WebhookVectors.Cases.Single(vector => vector.Name == name);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/clerk") { Content = new ByteArrayContent(body) };
        foreach (var header in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(header.Key, (string?)header.Value));
        }

        using var response = await _app.Running.Client.SendAsync(request, TestContext.Current.CancellationToken);

        int[] expected = SignedButNoEvent.Contains(name) ? [422] : recommended is "accept" or "policy" ? [200, 204] : [400, 401];
        Assert.Contains((int)response.StatusCode, expected);
    }

    [Fact]
    public void CasesThatHttpCannotCarry_AreStillVectors()
        => Assert.All(NotCarriedByHttp.Concat(SignedButNoEvent), name => Assert.Contains(WebhookVectors.Cases, vector => vector.Name == name));

    public sealed class App : IAsyncLifetime
    {
        private TestStore _store = null!;

        internal TestApp Running { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _store = await TestStore.StartAsync(StoreKind.Garnet);
            Running = await TestApp.StartAsync(
                _store.Connection,
                pipeline: web => web.MapClerkWebhooks(),
                settings: new Dictionary<string, string?> { ["CLERK_WEBHOOK_SIGNING_SECRET"] = WebhookVectors.Secret });
            Running.Time.SetUtcNow(WebhookVectors.Now);
        }

        public async ValueTask DisposeAsync()
        {
            await Running.DisposeAsync();
            await _store.DisposeAsync();
        }
    }
}
