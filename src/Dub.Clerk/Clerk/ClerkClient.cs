using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Dub.Clerk.Store;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Dub.Clerk.Clerk;

/// <summary>Clerk's Backend API, as far as deliveries need it. Each call is one attempt; what an attempt came to is an answer, and never an exception.</summary>
internal sealed class ClerkClient(IHttpClientFactory http, LiveOptions options, StoreConnection store, TimeProvider time)
{
    public const string HttpName = "Dub.Clerk.Clerk";

    /// <summary>The most that Clerk lists at a time.</summary>
    public const int MaxPage = 500;

    private readonly RateBudget _calls = new(store, "clerk", () => options.Current.ClerkRequestsPerMinute, time, longestWait: TimeSpan.FromSeconds(20));

    /// <summary>Merges the click into the user's public metadata; what else is there stays.</summary>
    public Task<ClerkReply> SetTrackedClickAsync(string userId, string clickId, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("public_metadata");
            writer.WriteString("dubClickId", clickId);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return SendAsync(HttpMethod.Patch, $"/v1/users/{Uri.EscapeDataString(userId)}/metadata", buffer.ToArray(), cancellationToken);
    }

    /// <summary>The account; <see cref="ClerkOutcome.NotFound"/> when it is gone.</summary>
    public Task<ClerkReply> GetUserAsync(string userId, CancellationToken cancellationToken)
        => SendAsync(HttpMethod.Get, $"/v1/users/{Uri.EscapeDataString(userId)}", null, cancellationToken);

    /// <summary>The accounts created in a period, oldest first.</summary>
    public Task<ClerkReply> ListUsersAsync(DateTimeOffset from, DateTimeOffset to, int offset, CancellationToken cancellationToken)
        => SendAsync(
            HttpMethod.Get,
            string.Create(
                CultureInfo.InvariantCulture,
                $"/v1/users?created_at_after={from.ToUnixTimeMilliseconds()}&created_at_before={to.ToUnixTimeMilliseconds()}&order_by=%2Bcreated_at&limit={MaxPage}&offset={offset}"),
            null,
            cancellationToken);

    private async Task<ClerkReply> SendAsync(HttpMethod method, string path, byte[]? json, CancellationToken cancellationToken)
    {
        if (await _calls.AcquireAsync(cancellationToken) is { } later)
        {
            return new ClerkReply(ClerkOutcome.RateLimited, "The rate allows no call now.") { RetryAt = later };
        }

        var current = options.Current;
        using var request = new HttpRequestMessage(method, current.ClerkApiUrl.AbsoluteUri.TrimEnd('/') + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", current.ClerkSecretKey);
        if (json is not null)
        {
            request.Content = new ByteArrayContent(json);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var client = http.CreateClient(HttpName);
            using var response = await client.SendAsync(request, cancellationToken);
            var status = (int)response.StatusCode;
            var detail = status.ToString(CultureInfo.InvariantCulture);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    using (var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken)))
                    {
                        return new ClerkReply(ClerkOutcome.Accepted, detail) { Accounts = ReadAccounts(body.RootElement) };
                    }

                case HttpStatusCode.NotFound:
                    return new ClerkReply(ClerkOutcome.NotFound, detail);
                case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                    return new ClerkReply(ClerkOutcome.Unauthorized, detail);
                case HttpStatusCode.TooManyRequests:
                    var reset = response.Headers.RetryAfter is { Delta: { } delta } ? time.GetUtcNow() + delta : response.Headers.RetryAfter?.Date;
                    return new ClerkReply(ClerkOutcome.RateLimited, detail) { RetryAt = await _calls.RefusedAsync(reset, limit: null) };
                default:
                    return new ClerkReply(status is >= 400 and < 500 ? ClerkOutcome.Refused : ClerkOutcome.Failed, detail);
            }
        }
        catch (JsonException)
        {
            return new ClerkReply(ClerkOutcome.Failed, "200, but the answer is not JSON.");
        }
        catch (BrokenCircuitException)
        {
            return new ClerkReply(ClerkOutcome.Unavailable, "Clerk is away.");
        }
        // A connection that is closed while it is made is a bare SocketException.
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or TimeoutRejectedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new ClerkReply(ClerkOutcome.Failed, e is OperationCanceledException or TimeoutRejectedException ? "No answer in time." : "No connection, or it broke.");
        }
    }

    private ClerkAccount[] ReadAccounts(JsonElement body)
    {
        var users = body.ValueKind == JsonValueKind.Array ? body.EnumerateArray().AsEnumerable() : [body];
        return [.. users.Select(user => ClerkAccount.Read(user, time.GetUtcNow())).OfType<ClerkAccount>()];
    }
}
