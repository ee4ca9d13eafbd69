using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns.Clerk;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>Somebody who has the stand-in's secret key.</summary>
internal sealed class ClerkCaller : IDisposable
{
    private readonly HttpClient _http;

    public ClerkCaller(ClerkServer clerk, string? secretKey = null)
    {
        _http = new HttpClient { BaseAddress = clerk.Address };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secretKey ?? clerk.SecretKey);
    }

    public async Task<ClerkAnswer> CallAsync(HttpMethod method, string path, string? json = null, string? version = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new StringContent(json, new MediaTypeHeaderValue("application/json"));
        }

        if (version is not null)
        {
            request.Headers.Add("Clerk-API-Version", version);
        }

        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new ClerkAnswer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, response.Headers.RetryAfter?.Delta, text);
    }

    public Task<ClerkAnswer> GetAsync(string path) => CallAsync(HttpMethod.Get, path);

    public Task<ClerkAnswer> MergeAsync(string userId, string json) => CallAsync(HttpMethod.Patch, $"/v1/users/{userId}/metadata", json);

    public void Dispose() => _http.Dispose();
}

internal sealed record ClerkAnswer(int Status, string? ContentType, TimeSpan? RetryAfter, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>The code in Clerk's error envelope.</summary>
    public string? Code => (string?)Json["errors"]?[0]?["code"];

    public string PublicMetadata => Json["public_metadata"]!.ToJsonString();
}
