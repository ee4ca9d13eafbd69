using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>The same people with the logic of the guide that Dub and Clerk publish: at each page view of a user whose public metadata has no
/// <c>dubClickId</c>, one <c>track.lead</c> with the click of the cookie, then the end of the cookie, then the metadata is replaced; what fails is left to
/// the next page view. The cookie survives its end, as it does outside of localhost: it was set with a domain and is expired without.</summary>
internal sealed class OfficialRecipe : IDisposable
{
    /// <summary>When a user's page views come, after the sign-up. The last is after Dub has forgotten which leads it was told of.</summary>
    private static readonly TimeSpan[] Views = [TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1), TimeSpan.FromDays(8)];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(1) };
    private readonly Storm _storm;

    private OfficialRecipe(Storm storm) => _storm = storm;

    public static async Task<Tally> RunAsync(int signUps, int seed)
    {
        var time = new FakeTimeProvider(TestHost.Start);
        await using var storm = await Storm.StartAsync(seed, time, patience: TimeSpan.FromSeconds(0.3));
        using var recipe = new OfficialRecipe(storm);
        var population = new Population(signUps, seed, time.GetUtcNow());
        population.Settle(storm.Dub, storm.Clerk);
        foreach (var view in Views)
        {
            time.SetUtcNow(TestHost.Start + view);
            foreach (var accounts in population.People.GroupBy(person => person.Before is null).OrderByDescending(group => group.Key))
            {
                await Parallel.ForEachAsync(accounts, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (person, _) => await recipe.ViewAsync(person));
            }

            // In the background, and begun at any time: what waits since the clock went on waits for the clock again.
            await Poll.UntilAsync(
                () =>
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                    return storm.Dub.IsIdle;
                },
                "Dub has recorded what it acknowledged");
        }

        return Tally.Take(population, storm.Dub, storm.Clerk);
    }

    public void Dispose() => _http.Dispose();

    private async Task ViewAsync(Person person)
    {
        var user = _storm.Clerk.Users.Find(person.UserId)!;
        if (user["public_metadata"]!["dubClickId"] is not null)
        {
            return;
        }

        var cookie = person.ClickId ?? person.Before!.ClickId!;
        try
        {
            await TrackLeadAsync(cookie, user);
            await ReplaceMetadataAsync(person.UserId, cookie);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException or IOException or JsonException)
        {
            // The server action has failed, and nobody looks.
        }
    }

    private async Task TrackLeadAsync(string clickId, JsonObject user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_storm.Dub.Address, "/track/lead"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _storm.Dub.ApiKey);
        request.Content = JsonContent.Create(new JsonObject
        {
            ["clickId"] = clickId,
            ["eventName"] = "Sign Up",
            ["customerExternalId"] = user["id"]!.DeepClone(),
            ["customerName"] = $"{user["first_name"]} {user["last_name"]}",
            ["customerEmail"] = user["email_addresses"]![0]!["email_address"]!.DeepClone(),
            ["customerAvatar"] = user["image_url"]!.DeepClone(),
            ["mode"] = "async",
        });
        using var response = await _http.SendAsync(request);

        // As the SDK reads it: 200, JSON, and nothing else.
        if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != "application/json")
        {
            throw new HttpRequestException("SDKError");
        }

        _ = await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task ReplaceMetadataAsync(string userId, string clickId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_storm.Clerk.Address, $"/v1/users/{userId}/metadata"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _storm.Clerk.SecretKey);
        request.Content = JsonContent.Create(new JsonObject { ["public_metadata"] = new JsonObject { ["dubClickId"] = clickId } });
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }
}
