using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>A stand-in on a clock that the test moves, and an HTTP client that calls it with its key.</summary>
internal sealed class DubCaller : IAsyncDisposable
{
    public const string Click = "Click00000000001";
    public const string User = "user_1";

    private DubCaller(DubStandIn dub, FakeTimeProvider time)
    {
        Dub = dub;
        Time = time;
        Http = new HttpClient { BaseAddress = dub.Address, Timeout = TimeSpan.FromSeconds(60) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", dub.ApiKey);
        dub.PlantClicks([Click]);
    }

    public DubStandIn Dub { get; }

    public FakeTimeProvider Time { get; }

    public HttpClient Http { get; }

    public static async Task<DubCaller> StartAsync(Func<FakeTimeProvider, DubStandInOptions>? options = null)
    {
        var time = new FakeTimeProvider(TestHost.Start);
        return new DubCaller(await DubStandIn.StartAsync(options?.Invoke(time) ?? new DubStandInOptions { Time = time }), time);
    }

    /// <summary>A complete lead call, with these fields over it.</summary>
    public static JsonObject LeadCall(string? mode = null, string user = User, string click = Click)
    {
        var call = new JsonObject { ["clickId"] = click, ["eventName"] = "Sign Up", ["customerExternalId"] = user };
        if (mode is not null)
        {
            call["mode"] = mode;
        }

        return call;
    }

    public Task<(HttpStatusCode Status, JsonElement Json)> LeadAsync(string? mode = null, string user = User, string click = Click)
        => PostAsync("/track/lead", LeadCall(mode, user, click));

    public Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(string path, JsonNode body) => PostAsync(path, body.ToJsonString());

    public async Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Http.PostAsync(path, content, TestContext.Current.CancellationToken);
        return (response.StatusCode, await ReadAsync(response));
    }

    public async Task<(HttpStatusCode Status, JsonElement Json)> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path, TestContext.Current.CancellationToken);
        return (response.StatusCode, await ReadAsync(response));
    }

    /// <summary>Waits for what Dub does in the background.</summary>
    public Task UntilLeadsAsync(int count) => Poll.UntilAsync(() => Dub.Leads.Count == count, $"there are {count} leads");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Dub.DisposeAsync();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}

/// <summary>Reads Dub's envelope.</summary>
internal static class DubEnvelope
{
    public static string Code(this JsonElement json) => json.GetProperty("error").GetProperty("code").GetString()!;

    public static string Message(this JsonElement json) => json.GetProperty("error").GetProperty("message").GetString()!;

    public static bool HasLink(this JsonElement json) => json.GetProperty("link").ValueKind == JsonValueKind.Object;
}
