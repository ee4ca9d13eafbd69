using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>What is done with an event.</summary>
internal enum ClerkDelivery
{
    /// <summary>It is sent at once, and again until it is taken.</summary>
    AtOnce,

    /// <summary>It waits until the test releases it.</summary>
    Held,

    /// <summary>It is lost.</summary>
    Lost,
}

/// <summary>Tells the app what happens to users, as Svix does it for Clerk: each attempt is signed afresh, and what is not answered with 2xx
/// is sent again on Svix' schedule.</summary>
internal sealed class ClerkWebhooks : IAsyncDisposable
{
    /// <summary>More than the host it delivers to shall be asked at once.</summary>
    private const int Senders = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MinimumAfterOverload = TimeSpan.FromMinutes(1);

    private readonly ClerkStandIn _instance;
    private readonly ClerkServerOptions _options;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly SemaphoreSlim _senders = new(Senders);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<ClerkMessage> _messages = new();
    private readonly ConcurrentQueue<ClerkMessage> _held = new();
    private readonly ConcurrentDictionary<Task, bool> _deliveries = new();

    public ClerkWebhooks(ClerkStandIn instance, ClerkServerOptions options)
    {
        _instance = instance;
        _options = options;
        Address = options.WebhookAddress;
    }

    /// <summary>What Svix waits before each repeat: the eighth attempt, 27 hours and a half after the first, is the last.</summary>
    public static IReadOnlyList<TimeSpan> SvixSchedule { get; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(10),
    ];

    /// <summary>Where events go; null keeps them here.</summary>
    public Uri? Address { get; set; }

    /// <summary>What is done with events that happen from now on.</summary>
    public ClerkDelivery Delivery { get; set; }

    /// <summary>Everything that happened, in order.</summary>
    public IReadOnlyCollection<ClerkMessage> Messages => _messages;

    public void Publish(string type, JsonObject data)
    {
        var message = new ClerkMessage(ClerkStandIn.NewId("msg"), type, data, _instance.Event(type, data, _options.Time.GetUtcNow()));
        _messages.Enqueue(message);
        if (Delivery == ClerkDelivery.Held)
        {
            _held.Enqueue(message);
        }
        else if (Delivery == ClerkDelivery.AtOnce && Address is not null)
        {
            Start(message);
        }
    }

    /// <summary>Sends what was held, and holds nothing back any more.</summary>
    public void Release()
    {
        Delivery = ClerkDelivery.AtOnce;
        while (_held.TryDequeue(out var message))
        {
            Start(message);
        }
    }

    /// <summary>One attempt.</summary>
    /// <returns>The status; 0 when nothing was answered.</returns>
    public async Task<int> SendAsync(ClerkMessage message) => (await AttemptAsync(message)).Status;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_deliveries.Keys);
        _http.Dispose();
        _senders.Dispose();
        _stopping.Dispose();
    }

    private void Start(ClerkMessage message)
    {
        var delivery = Task.Run(() => DeliverAsync(message));
        _deliveries.TryAdd(delivery, true);
        delivery.ContinueWith(done => _deliveries.TryRemove(done, out _), TaskScheduler.Default);
    }

    private async Task DeliverAsync(ClerkMessage message)
    {
        try
        {
            var answer = await AttemptAsync(message);
            foreach (var step in _options.WebhookRetries)
            {
                if (message.IsDelivered)
                {
                    return;
                }

                await Task.Delay(Wait(step, answer), _options.Time, _stopping.Token);
                answer = await AttemptAsync(message);
            }
        }
        catch (OperationCanceledException)
        {
            // The stand-in is stopped.
        }
    }

    private async Task<Answer> AttemptAsync(ClerkMessage message)
    {
        await _senders.WaitAsync(_stopping.Token);
        try
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            over.CancelAfter(Patience);
            var (_, request) = _instance.SignDelivery(message.Body, message.Id, _options.Time.GetUtcNow());
            using (request)
            {
                request.RequestUri = Address;
                using var response = await _http.SendAsync(request, over.Token);
                message.Add((int)response.StatusCode);
                return new Answer((int)response.StatusCode, response.Headers.RetryAfter?.Delta);
            }
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException && !_stopping.IsCancellationRequested)
        {
            message.Add(0);
            return new Answer(0, null);
        }
        finally
        {
            _senders.Release();
        }
    }

    /// <summary>The step give or take a fifth; longer where the receiver is overloaded, or asks for it within twice the step.</summary>
    private static TimeSpan Wait(TimeSpan step, Answer answer)
    {
        var wait = answer.RetryAfter is { } asked && asked > step ? TimeSpan.FromTicks(Math.Min(asked.Ticks, 2 * step.Ticks)) : step;
        if (answer.Status is 0 or (int)HttpStatusCode.TooManyRequests && wait < MinimumAfterOverload)
        {
            wait = MinimumAfterOverload;
        }

        return wait * (0.8 + (0.4 * Random.Shared.NextDouble()));
    }

    private readonly record struct Answer(int Status, TimeSpan? RetryAfter);
}
