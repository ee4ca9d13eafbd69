using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>People who click, sign up and buy, so many each second, through whichever host; what is not acknowledged is sent again, as Clerk, a browser
/// and a payment service would.</summary>
internal sealed class ClusterLoad : IDisposable
{
    public const string LinkKey = "launch";

    private static readonly TimeSpan BeforeNextTry = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a sale waits for the lead of a sign-up that was acknowledged: longer than a lease of whoever died deciding it.</summary>
    private static readonly TimeSpan LeadPatience = TimeSpan.FromSeconds(90);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly ConcurrentDictionary<string, Calls> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _wrong = [];
    private readonly ConcurrentBag<(string UserId, string ClickId, bool IsDubs)> _leads = [];
    private readonly ConcurrentBag<(string Invoice, long Amount)> _sales = [];
    private readonly ConcurrentBag<string> _clicks = [];
    private readonly IReadOnlyList<Uri> _hosts;
    private readonly Storm _storm;
    private readonly TimeProvider _time;
    private readonly Random _random;

    public ClusterLoad(IReadOnlyList<Uri> hosts, Storm storm, TimeProvider time, Random random) => (_hosts, _storm, _time, _random) = (hosts, storm, time, random);

    /// <summary>The leads there must be, and whose click it was.</summary>
    public IReadOnlyCollection<(string UserId, string ClickId, bool IsDubs)> Leads => _leads;

    public IReadOnlyCollection<(string Invoice, long Amount)> Sales => _sales;

    /// <summary>Clicks that were answered as recorded.</summary>
    public IReadOnlyCollection<string> Clicks => _clicks;

    /// <summary>Answers that nobody should get, whatever fails.</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    public string Report => "| call | acknowledged | refused with 503 | connection broken | p99 until acknowledged | slowest |\n|---|---|---|---|---|---|\n"
        + string.Join('\n', _calls.OrderBy(pair => pair.Key).Select(pair => pair.Value.Row(pair.Key)));

    /// <summary>Starts so many a second until it is told to stop, and returns when everything is acknowledged.</summary>
    public async Task RunAsync(int perSecond, CancellationToken stop)
    {
        var journeys = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        while (!stop.IsCancellationRequested)
        {
            var seed = _random.Next();
            journeys.Add(Task.Run(() => TravelAsync(new Random(seed)), CancellationToken.None));
            try
            {
                await timer.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                // Enough.
            }
        }

        await Task.WhenAll(journeys);
    }

    public void Dispose() => _http.Dispose();

    private async Task TravelAsync(Random random)
    {
        await AcknowledgedAsync("redirect", "/" + LinkKey, random, () => Visit(new HttpRequestMessage { Method = HttpMethod.Get }, random), HttpStatusCode.Redirect);
        var user = "user_" + Ids.NewEvent() + Ids.NewEvent()[..11];
        var created = _time.GetUtcNow();
        if (random.Next(2) == 0)
        {
            var clicked = _storm.Dub.PlantClicks(1, created)[0];
            await SignUpAsync(user, created, clicked, random);
            _leads.Add((user, clicked, true));
            return;
        }

        var click = (await AcknowledgedAsync("click", "/track/click", random, () => Visit(
            new HttpRequestMessage { Method = HttpMethod.Post, Content = JsonContent.Create(new { domain = "127.0.0.1", key = LinkKey }) }, random))).GetProperty("clickId").GetString()!;
        _clicks.Add(click);
        created = _time.GetUtcNow();
        Func<Task>[] halves = [() => SignUpAsync(user, created, null, random), () => SeeAsync(user, click, random)];
        random.Shuffle(halves);
        foreach (var half in halves)
        {
            await half();
        }

        _leads.Add((user, click, false));
        if (random.Next(2) == 0)
        {
            var (invoice, amount) = ("in_" + user, random.NextInt64(100, 10_000));
            if ((await AcknowledgedAsync("sale", "/track/sale", random, () => ByKey(new HttpRequestMessage
            {
                Method = HttpMethod.Post,
                Content = JsonContent.Create(new { customerExternalId = user, amount, invoiceId = invoice, eventName = "Purchase" }),
            }), isDone: answer => answer.GetProperty("sale").ValueKind == JsonValueKind.Object)).ValueKind != JsonValueKind.Undefined)
            {
                _sales.Add((invoice, amount));
            }
        }
    }

    private Task SignUpAsync(string user, DateTimeOffset created, string? click, Random random)
    {
        var metadata = click is null ? null : new JsonObject { ["dub_id"] = click };
        var account = _storm.Clerk.Users.Create(user, created, unsafeMetadata: metadata);
        return AcknowledgedAsync("webhook", "/webhooks/clerk", random, () => _storm.Clerk.Instance.SignDelivery(_storm.Clerk.Instance.Event("user.created", account, created), null, _time.GetUtcNow()).Request);
    }

    private Task SeeAsync(string user, string click, Random random) => AcknowledgedAsync("signed-in request", "/attribution", random, () =>
    {
        var request = new HttpRequestMessage { Method = HttpMethod.Post };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _storm.Clerk.Instance.MintSessionToken(user, _time.GetUtcNow(), Hosts.App));
        request.Headers.Add("Cookie", $"dub_id={click}");
        return request;
    });

    private static HttpRequestMessage Visit(HttpRequestMessage request, Random random)
    {
        request.Headers.UserAgent.ParseAdd(string.Create(CultureInfo.InvariantCulture, $"Mozilla/5.0 (X11; Linux x86_64; {random.NextInt64():x}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"));
        return request;
    }

    private static HttpRequestMessage ByKey(HttpRequestMessage request)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Hosts.ApiKey);
        return request;
    }

    /// <summary>Sends until it is acknowledged. What is not must be a 503 that says when to come again, or a connection that broke.</summary>
    private async Task<JsonElement> AcknowledgedAsync(
        string name, string path, Random random, Func<HttpRequestMessage> make, HttpStatusCode? status = null, Func<JsonElement, bool>? isDone = null)
    {
        var (calls, started) = (_calls.GetOrAdd(name, _ => new Calls()), Stopwatch.GetTimestamp());
        while (true)
        {
            using var request = make();
            request.RequestUri = new Uri(_hosts[random.Next(_hosts.Count)], path);
            try
            {
                using var response = await _http.SendAsync(request);
                var text = await response.Content.ReadAsStringAsync();
                if (status is null ? response.IsSuccessStatusCode : response.StatusCode == status)
                {
                    var answer = text.Length > 0 && text[0] == '{' ? JsonSerializer.Deserialize<JsonElement>(text) : default;
                    if (isDone?.Invoke(answer) != false)
                    {
                        calls.Acknowledged.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
                        return answer;
                    }

                    if (Stopwatch.GetElapsedTime(started) > LeadPatience)
                    {
                        return default;
                    }
                }
                else if (response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null)
                {
                    Interlocked.Increment(ref calls.Refused);
                }
                else
                {
                    _wrong.Add($"{name}: {(int)response.StatusCode} {text}");
                }
            }
            catch (Exception e) when (e is HttpRequestException or SocketException or IOException or OperationCanceledException)
            {
                Interlocked.Increment(ref calls.Broken);
            }

            await Task.Delay(BeforeNextTry);
        }
    }

    private sealed class Calls
    {
        public int Refused;
        public int Broken;

        /// <summary>Seconds.</summary>
        public ConcurrentBag<double> Acknowledged { get; } = [];

        public string Row(string name)
        {
            var times = Acknowledged.Order().ToList();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {times.Count} | {Refused} | {Broken} | {times.ElementAtOrDefault(times.Count * 99 / 100):F1} s | {times.LastOrDefault():F1} s |");
        }
    }
}
