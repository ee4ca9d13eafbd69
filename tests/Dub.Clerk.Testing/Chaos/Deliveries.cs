using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>Brings both halves of everybody to either host, in any order and many times over, until each was acknowledged. Some webhooks never come.</summary>
internal sealed class Deliveries : IDisposable
{
    private const int Senders = 24;
    private const int MostTimes = 10;

    /// <summary>The share of webhooks that Clerk loses.</summary>
    private const double LostShare = 0.05;

    private static readonly TimeSpan BeforeNextTry = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly ConcurrentQueue<Half> _queue;
    private readonly ILookup<Person, Half> _after;
    private readonly ConcurrentDictionary<Person, bool> _cookieGone = new();
    private readonly IReadOnlyList<Uri> _hosts;
    private readonly Storm _storm;
    private readonly TimeProvider _time;
    private int _open;
    private int _sent;

    public Deliveries(Population population, Random random, IReadOnlyList<Uri> hosts, Storm storm, TimeProvider time)
    {
        (_hosts, _storm, _time) = (hosts, storm, time);
        var halves = new List<Half>();
        var after = new List<Half>();
        foreach (var person in population.People)
        {
            if (random.NextDouble() < LostShare)
            {
                LostWebhooks++;
            }
            else
            {
                halves.Add(new Half(person, isWebhook: true, random.Next(1, MostTimes + 1)));
            }

            (person.Before is null ? halves : after).Add(new Half(person, isWebhook: false, random.Next(1, MostTimes + 1)));
        }

        var deliveries = halves.SelectMany(half => Enumerable.Repeat(half, half.Times)).ToArray();
        random.Shuffle(deliveries);
        _queue = new ConcurrentQueue<Half>(deliveries);
        _open = Planned = deliveries.Length + after.Sum(half => half.Times);
        _after = after.ToLookup(half => half.Person.Before!);
    }

    public int LostWebhooks { get; }

    /// <summary>How many are sent if each is acknowledged.</summary>
    public int Planned { get; }

    /// <summary>How many were sent so far.</summary>
    public int Sent => Volatile.Read(ref _sent);

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(() => SendAllAsync(cancellationToken), cancellationToken)));

    public void Dispose() => _http.Dispose();

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref _open) > 0)
        {
            if (!_queue.TryDequeue(out var half))
            {
                await Task.Delay(BeforeNextTry, cancellationToken);
                continue;
            }

            var acknowledged = await SendAsync(half, cancellationToken);
            var (first, again) = half.Sent(acknowledged);
            if (first && !half.IsWebhook)
            {
                // The next account in this browser is created when the first one has been seen.
                foreach (var next in _after[half.Person].SelectMany(next => Enumerable.Repeat(next, next.Times)))
                {
                    _queue.Enqueue(next);
                }
            }

            if (again)
            {
                _queue.Enqueue(half);
            }
            else
            {
                Interlocked.Decrement(ref _open);
            }

            if (!acknowledged)
            {
                await Task.Delay(BeforeNextTry, cancellationToken);
            }
        }
    }

    private async Task<bool> SendAsync(Half half, CancellationToken cancellationToken)
    {
        var host = _hosts[Interlocked.Increment(ref _sent) % _hosts.Count];
        using var request = half.IsWebhook ? Webhook(half) : PageView(half.Person);
        request.RequestUri = new Uri(host, half.IsWebhook ? "/webhooks/clerk" : "/attribution");
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode && response.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(cookie => cookie.StartsWith("dub_id=;", StringComparison.Ordinal)))
            {
                _cookieGone[half.Person] = true;
            }

            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private HttpRequestMessage Webhook(Half half)
    {
        var clerk = _storm.Clerk.Instance;
        var user = clerk.Event("user.created", _storm.Clerk.Users.Find(half.Person.UserId)!, half.Person.CreatedAt);
        return clerk.SignDelivery(user, half.Id, _time.GetUtcNow()).Request;
    }

    /// <summary>With the click, or with what the account before has left in the browser.</summary>
    private HttpRequestMessage PageView(Person person)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, (Uri?)null);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _storm.Clerk.Instance.MintSessionToken(person.UserId, _time.GetUtcNow(), Hosts.App));
        var cookie = person.ClickId ?? (_cookieGone.ContainsKey(person.Before!) ? null : person.Before!.ClickId);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", $"dub_id={cookie}");
        }

        return request;
    }
}
