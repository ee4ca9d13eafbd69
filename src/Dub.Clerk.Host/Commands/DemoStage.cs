using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Host.Commands;

/// <summary>What the demo's players share: Clerk's part, the short link, and the host as its API shows it. Everything goes over HTTP.</summary>
internal sealed class DemoStage : IDisposable
{
    private readonly Uri _origin;
    private readonly HttpClient _http;
    private readonly HttpClient _api;

    public DemoStage(ClerkStandIn clerk, Uri origin, string apiKey)
    {
        Clerk = clerk;
        _origin = origin;
        _http = new HttpClient { BaseAddress = origin };
        _api = new HttpClient { BaseAddress = origin };
        _api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    public ClerkStandIn Clerk { get; }

    public string ShortLink { get; private set; } = string.Empty;

    public async Task SetUpAsync()
    {
        var link = new JsonObject { ["url"] = new Uri(_origin, "/welcome").ToString(), ["domain"] = _origin.Host, ["key"] = "launch", ["trackConversion"] = true };
        using var response = await _api.PostAsync("/links", new StringContent(link.ToJsonString(), new MediaTypeHeaderValue("application/json")));
        ShortLink = (await ReadAsync(response)).GetProperty("shortLink").GetString()!;
    }

    public Browser NewBrowser() => new(_origin);

    /// <summary>Clerk tells the host of a new account.</summary>
    public async Task<(string DeliveryId, HttpStatusCode Status)> DeliverAsync(
        ClerkStandIn clerk, string userId, DateTimeOffset? createdAt = null, string? metadataClickId = null, string? deliveryId = null)
    {
        var body = clerk.UserCreated(
            userId, createdAt ?? DateTimeOffset.UtcNow, unsafeMetadata: metadataClickId is null ? null : new JsonObject { ["dub_id"] = metadataClickId });
        var (id, request) = clerk.SignDelivery(body, deliveryId, DateTimeOffset.UtcNow);
        using (request)
        {
            request.RequestUri = new Uri(_origin, "/webhooks/clerk");
            using var response = await _http.SendAsync(request);
            return (id, response.StatusCode);
        }
    }

    public string MintToken(ClerkStandIn clerk, string userId) => clerk.MintSessionToken(userId, DateTimeOffset.UtcNow, azp: _origin.GetLeftPart(UriPartial.Authority));

    /// <summary>What the host says of a user, to that user.</summary>
    public async Task<(string State, string? Reason, string? ClickId)> AttributionAsync(string userId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/attribution");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", MintToken(Clerk, userId));
        using var response = await _http.SendAsync(request);
        var json = await ReadAsync(response);
        return (json.GetProperty("state").GetString()!, json.GetProperty("reason").GetString(), json.GetProperty("clickId").GetString());
    }

    /// <summary>How many leads each customer has.</summary>
    public async Task<Dictionary<string, int>> LeadsAsync()
        => (await _api.GetFromJsonAsync<JsonElement>("/events?event=leads&limit=1000")).EnumerateArray()
            .CountBy(lead => lead.GetProperty("customer").GetProperty("externalId").GetString()!).ToDictionary();

    public async Task<DemoFunnel> FunnelAsync(IReadOnlyList<DemoResult> results)
        => new(
            (await _api.GetFromJsonAsync<JsonElement>("/events?event=clicks&limit=1000")).GetArrayLength(),
            results.Count(result => result.IsSignUp),
            (await LeadsAsync()).Values.Sum());

    public void Dispose()
    {
        _http.Dispose();
        _api.Dispose();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
