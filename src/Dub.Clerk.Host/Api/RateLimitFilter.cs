using System.Globalization;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Api;

/// <summary>Refuses a key that has made its calls of this minute, on whatever host. The headers are Dub's, with a reset in Unix milliseconds;
/// <c>Retry-After</c> is in seconds, as HTTP has it.</summary>
internal sealed class RateLimitFilter(HostOptions options, ApiCalls calls) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (options.ApiRequestsPerMinute == 0)
        {
            return await next(context);
        }

        var (count, reset, wait) = await calls.CountAsync(context.HttpContext.Request.Headers.Authorization.ToString());
        var limit = options.ApiRequestsPerMinute;
        context.HttpContext.Response.OnStarting(() =>
        {
            var headers = context.HttpContext.Response.Headers;
            headers["X-RateLimit-Limit"] = limit.ToString(CultureInfo.InvariantCulture);
            headers["X-RateLimit-Remaining"] = Math.Max(0, limit - count).ToString(CultureInfo.InvariantCulture);
            headers["X-RateLimit-Reset"] = reset.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        return count <= limit ? await next(context) : DubErrors.TooManyRequests with { RetryAfter = (int)Math.Ceiling(wait.TotalSeconds) };
    }
}

/// <summary>How many calls a key has made in this minute.</summary>
internal sealed class ApiCalls(StoreConnection store, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private static readonly StoreScript Count = new("rate-count-1", fleeting: true);

    /// <summary>Counts one more.</summary>
    /// <param name="credential">Kept as a hash only.</param>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<(long Count, DateTimeOffset Reset, TimeSpan Wait)> CountAsync(string credential)
    {
        var now = time.GetUtcNow();
        var reset = new DateTimeOffset(now.Ticks - (now.Ticks % Window.Ticks), TimeSpan.Zero) + Window;
        var key = store.Keys.ApiCalls(StableHash.Compute(credential), reset.ToUnixTimeSeconds());
        var count = (long)await Count.RunAsync(store, [key], [(long)(2 * Window).TotalMilliseconds]);
        return (count, reset, reset - now);
    }
}
