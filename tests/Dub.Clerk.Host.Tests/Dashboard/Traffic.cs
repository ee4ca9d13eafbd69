using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Web;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>Visitors of a host: they follow links, sign up and pay. And the API, which says what came of it.</summary>
internal sealed class Traffic : IDisposable
{
    private readonly HttpClient _visitor;
    private readonly HttpClient _api;

    public Traffic(Uri origin)
    {
        _visitor = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = origin };
        _api = new HttpClient { BaseAddress = origin };
        _api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", HostFixture.ApiKey);
    }

    /// <returns>The link's id.</returns>
    public async Task<string> CreateLinkAsync(string key, string url = "https://example.com/pricing")
        => (await PostAsync("/links", new { url, domain = "127.0.0.1", key, trackConversion = true })).GetProperty("id").GetString()!;

    /// <summary>A visitor who has not been here before follows the link.</summary>
    public async Task<string> FollowAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/" + key);
        request.Headers.UserAgent.ParseAdd($"Mozilla/5.0 (X11; Linux x86_64; {Guid.NewGuid():N}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36");
        using var response = await _visitor.SendAsync(request);
        return HttpUtility.ParseQueryString(response.Headers.Location!.Query)["dub_id"]!;
    }

    public Task LeadAsync(string clickId, string user, string? name = null, string? email = null)
        => PostAsync("/track/lead", new { clickId, eventName = "Sign Up", customerExternalId = user, customerName = name, customerEmail = email });

    public Task SaleAsync(string user, long amount) => PostAsync("/track/sale", new { customerExternalId = user, amount, eventName = "Subscribed" });

    /// <summary>What <c>/events</c> answers, of all kinds, newest first, in the words of <see cref="Reader.EventsAsync"/>.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync(string query = "")
    {
        var found = new List<(DateTimeOffset At, string Line)>();
        foreach (var kind in (string[])["clicks", "leads", "sales"])
        {
            foreach (var one in (await _api.GetFromJsonAsync<JsonElement>($"/events?event={kind}&limit=1000{query}")).EnumerateArray())
            {
                var at = one.GetProperty("timestamp").GetDateTimeOffset();
                var link = one.GetProperty("link");
                found.Add((at, Line(one.GetProperty("event").GetString()!, at, $"{link.GetProperty("domain")}/{link.GetProperty("key")}")));
            }
        }

        return [.. found.OrderByDescending(one => one.At).ThenByDescending(one => one.Line, StringComparer.Ordinal).Select(one => one.Line)];
    }

    public static string Line(string kind, DateTimeOffset at, string link) => string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:HH:mm:ss.fff} {kind} {link}");

    public void Dispose()
    {
        _visitor.Dispose();
        _api.Dispose();
    }

    private async Task<JsonElement> PostAsync(string address, object body)
    {
        using var response = await _api.PostAsJsonAsync(address, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
