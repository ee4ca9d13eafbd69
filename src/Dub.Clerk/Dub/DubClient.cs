using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Dub.Clerk.Store;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Dub.Clerk.Dub;

/// <summary>Dub's API, as far as deliveries need it. Each call is one attempt; what an attempt came to is an answer, and never an exception.</summary>
internal sealed class DubClient(IHttpClientFactory http, LiveOptions options, StoreConnection store, TimeProvider time)
{
    public const string HttpName = "Dub.Clerk.Dub";

    /// <summary>The most events that Dub lists at a time.</summary>
    public const int MaxPage = 1000;

    /// <summary>Dub's limit for events and analytics on its smallest plan that has them: two a second.</summary>
    private const int EventsPerMinute = 120;

    private static readonly DubReply NotDubs = new(DubOutcome.Failed, "200, but the answer is none of Dub's.");

    private readonly RateBudget _calls = new(store, "dub", () => options.Current.DubRequestsPerMinute, time, longestWait: TimeSpan.FromSeconds(20));

    /// <summary>Few and in no hurry: whoever would wait for long comes back later, and leaves the worker to leads that can be sent.</summary>
    private readonly RateBudget _lookups = new(store, "dub-events", () => EventsPerMinute, time, longestWait: TimeSpan.FromSeconds(1));

    /// <summary>Asks whether the click exists, and has Dub create the customer. Takes no key, so it may be repeated freely.</summary>
    public Task<DubReply> DeferLeadAsync(DubLead lead, CancellationToken cancellationToken) => PostLeadAsync(lead, "deferred", cancellationToken);

    /// <summary>Records the lead.</summary>
    public Task<DubReply> TrackLeadAsync(DubLead lead, CancellationToken cancellationToken) => PostLeadAsync(lead, "wait", cancellationToken);

    /// <summary>Records the sale. Dub knows a repeat by its invoice.</summary>
    /// <returns><see cref="DubOutcome.NotFound"/> also where Dub does not know the customer, which it answers with 200.</returns>
    public async Task<DubReply> TrackSaleAsync(DubSale sale, CancellationToken cancellationToken)
    {
        var (reply, body) = await SendAsync(HttpMethod.Post, "/track/sale", sale.ToJson(), _calls, cancellationToken);
        using (body)
        {
            return body is null ? reply
                : body.RootElement.ValueKind != JsonValueKind.Object || !body.RootElement.TryGetProperty("sale", out var recorded)
                    ? NotDubs
                : recorded.ValueKind == JsonValueKind.Null ? reply with { Outcome = DubOutcome.NotFound, Detail = "200, sale: null" }
                : reply;
        }
    }

    /// <summary>Whether Dub has a lead of that name for the customer: <see cref="DubOutcome.Accepted"/>, or <see cref="DubOutcome.NotFound"/>.</summary>
    public async Task<DubReply> FindLeadAsync(string customerExternalId, Func<string, bool> isName, CancellationToken cancellationToken)
    {
        var (reply, customer) = await SendAsync(HttpMethod.Get, "/customers/ext_" + Uri.EscapeDataString(customerExternalId), null, _calls, cancellationToken);
        using (customer)
        {
            if (customer is null || LenientJson.Text(customer.RootElement, "id") is not { } id)
            {
                return customer is null ? reply : NotDubs;
            }

            var (found, events) = await SendAsync(
                HttpMethod.Get, $"/events?event=leads&customerId={Uri.EscapeDataString(id)}&interval=90d&limit=100", null, _lookups, cancellationToken);
            using (events)
            {
                return events is null ? found
                    : events.RootElement.ValueKind == JsonValueKind.Array && events.RootElement.EnumerateArray().Any(lead => LenientJson.Text(lead, "eventName") is { } name && isName(name))
                    ? found
                    : new DubReply(DubOutcome.NotFound, "Dub has no such lead.");
            }
        }
    }

    /// <summary>Deletes a customer: <see cref="DubOutcome.Accepted"/>, or <see cref="DubOutcome.NotFound"/> where there is none.</summary>
    public async Task<DubReply> DeleteCustomerAsync(string customerExternalId, CancellationToken cancellationToken)
    {
        var (reply, customer) = await SendAsync(HttpMethod.Get, "/customers/ext_" + Uri.EscapeDataString(customerExternalId), null, _calls, cancellationToken);
        using (customer)
        {
            if (customer is null || LenientJson.Text(customer.RootElement, "id") is not { } id)
            {
                return customer is null ? reply : NotDubs;
            }

            var (deleted, body) = await SendAsync(HttpMethod.Delete, "/customers/" + Uri.EscapeDataString(id), null, _calls, cancellationToken);
            body?.Dispose();
            return deleted;
        }
    }

    /// <summary>A page of the leads that Dub recorded in a period, oldest first: whose and of which name. Null when there is no answer.</summary>
    public async Task<(DubReply Reply, IReadOnlyList<(string Customer, string EventName)>? Leads)> ListLeadsAsync(
        DateTimeOffset from, DateTimeOffset to, int page, CancellationToken cancellationToken)
    {
        var (reply, body) = await SendAsync(
            HttpMethod.Get,
            string.Create(CultureInfo.InvariantCulture, $"/events?event=leads&start={from.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}&end={to.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}&sortOrder=asc&page={page}&limit={MaxPage}"),
            null,
            _lookups,
            cancellationToken);
        using (body)
        {
            return body?.RootElement.ValueKind == JsonValueKind.Array
                ? (reply,
                    [
                        .. from lead in body.RootElement.EnumerateArray()
                           let customer = LenientJson.Property(lead, "customer") is { } owner ? LenientJson.Text(owner, "externalId") : null
                           select (customer ?? string.Empty, LenientJson.Text(lead, "eventName") ?? string.Empty),
                    ])
                : (reply, null);
        }
    }

    private async Task<DubReply> PostLeadAsync(DubLead lead, string mode, CancellationToken cancellationToken)
    {
        var (reply, body) = await SendAsync(HttpMethod.Post, "/track/lead", lead.ToJson(mode), _calls, cancellationToken);
        using (body)
        {
            if (body is null)
            {
                return reply;
            }

            if (body.RootElement.ValueKind != JsonValueKind.Object || !body.RootElement.TryGetProperty("link", out var link))
            {
                return NotDubs;
            }

            return link.ValueKind == JsonValueKind.Null
                ? reply with { Outcome = DubOutcome.Duplicate, Detail = "200, link: null" }
                : reply with
                {
                    Link = LenientJson.Text(link, "id") is { } id
                        ? new DubLink(id, LenientJson.Text(link, "domain") ?? string.Empty, LenientJson.Text(link, "key") ?? string.Empty, LenientJson.Text(link, "shortLink"), LenientJson.Text(link, "url"))
                        : null,
                };
        }
    }

    /// <returns>The body of a success, else null.</returns>
    private async Task<(DubReply Reply, JsonDocument? Body)> SendAsync(
        HttpMethod method, string path, byte[]? json, RateBudget budget, CancellationToken cancellationToken)
    {
        if (await budget.AcquireAsync(cancellationToken) is { } later)
        {
            return (new DubReply(DubOutcome.RateLimited, "The rate allows no call now.") { RetryAt = later }, null);
        }

        var current = options.Current;
        using var request = new HttpRequestMessage(method, current.DubApiUrl.AbsoluteUri.TrimEnd('/') + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", current.DubApiKey);
        if (json is not null)
        {
            request.Content = new ByteArrayContent(json);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var client = http.CreateClient(HttpName);
            using var response = await client.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return (new DubReply(DubOutcome.Accepted, "200"), JsonDocument.Parse(body));
            }

            return (await RefusedAsync(response, body, budget), null);
        }
        catch (JsonException)
        {
            return (new DubReply(DubOutcome.Failed, "200, but the answer is not JSON."), null);
        }
        catch (BrokenCircuitException)
        {
            return (new DubReply(DubOutcome.Unavailable, "Dub is away."), null);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            return (new DubReply(DubOutcome.NotSent, $"No connection ({e.HttpRequestError})."), null);
        }
        // A connection that is closed while it is made is a bare SocketException.
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or TimeoutRejectedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (new DubReply(DubOutcome.Failed, e is OperationCanceledException or TimeoutRejectedException ? "No answer in time." : "The connection broke."), null);
        }
    }

    private async Task<DubReply> RefusedAsync(HttpResponseMessage response, byte[] body, RateBudget budget)
    {
        var message = ErrorMessage(body);
        var detail = message is null ? $"{(int)response.StatusCode}" : $"{(int)response.StatusCode} {message}";
        detail = detail.Length > 200 ? detail[..200] : detail;
        switch (response.StatusCode)
        {
            case HttpStatusCode.TooManyRequests:
                var limit = budget == _calls && int.TryParse(Header("X-RateLimit-Limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : (int?)null;
                var until = await budget.RefusedAsync(ReadReset(Header("X-RateLimit-Reset") ?? Header("Retry-After")), limit);
                return new DubReply(DubOutcome.RateLimited, detail) { RetryAt = until };
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                return new DubReply(DubOutcome.Unauthorized, detail);
            case HttpStatusCode.NotFound when message is not null:
                return new DubReply(DubOutcome.NotFound, detail);
            case HttpStatusCode.UnprocessableEntity when FieldOf(message) is { } field:
                return new DubReply(DubOutcome.FieldRefused, detail) { Field = field };
            case HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity when message is not null:
                return new DubReply(DubOutcome.Refused, detail);
            default:
                return new DubReply(DubOutcome.Failed, detail);
        }

        string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
    }

    /// <summary>Dub's replies name the moment in Unix milliseconds, where its documents, and everybody else, say seconds from now.</summary>
    private DateTimeOffset? ReadReset(string? text)
    {
        const long latest = 253_402_300_799_999;
        return !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > latest ? null
            : number > 100_000_000_000 ? DateTimeOffset.FromUnixTimeMilliseconds(number)
            : number > 1_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(number)
            : time.GetUtcNow().AddSeconds(number);
    }

    /// <summary>The optional field at fault in <c>code: path: message</c>.</summary>
    private static string? FieldOf(string? message)
    {
        var path = message?.Split(": ", 3) is [_, var named, _] ? named.Split('.', '[')[0] : null;
        return DubLead.OptionalFields.Contains(path) ? path : null;
    }

    private static string? ErrorMessage(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var error) ? LenientJson.Text(error, "message") : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
