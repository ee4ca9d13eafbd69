using System.Globalization;

namespace Dub.Clerk.Host.StandIns;

/// <summary>What a call needs, in an endpoint's metadata.</summary>
/// <param name="Permission">The permission that a key must have, such as <c>analytics.read</c>; null where Dub asks for a role instead.</param>
internal sealed record DubEndpoint(string? Permission)
{
    /// <summary>Whether anybody may call it, without a key and without a limit.</summary>
    public bool Anonymous { get; init; }

    /// <summary>Whether the limit is that of events and analytics.</summary>
    public bool IsAnalytics { get; init; }

    /// <summary>Whether successes tell of the limit. Errors always do.</summary>
    public bool TellsLimit { get; init; }
}

/// <summary>The checks that come before a call is looked into, in Dub's order: the key, the limit, the permission.</summary>
internal sealed class DubGate(DubStandInOptions options)
{
    private const string Scheme = "Bearer ";

    private readonly SlidingWindow _calls = new();
    private readonly SlidingWindow _analytics = new();

    /// <returns>The refusal; null when the call may go on.</returns>
    public IResult? Check(HttpContext context, DubEndpoint endpoint)
        => endpoint.Anonymous ? null : CheckKey(context.Request.Headers.Authorization.ToString()) ?? CheckLimit(context, endpoint) ?? CheckPermission(endpoint);

    /// <summary>The refusal of a call whose key lacks the permission.</summary>
    public static IResult Forbid(DubEndpoint endpoint) => DubReply.Forbidden(endpoint.Permission is { } permission
        ? $"The provided key does not have the required permissions for this endpoint on the workspace '{DubWorkspace.Id}'. "
            + $"Having the '{permission}' permission would allow this request to continue."
        : "You don't have the required role to access this endpoint. Required role(s): owner, member.");

    public static IResult RefuseKey() => DubReply.Unauthorized("Unauthorized: Invalid API key.");

    /// <summary>The headers that tell of the limit. Dub writes the moment in milliseconds since 1970, in both places.</summary>
    public static void TellLimit(HttpContext context, int limit, int remaining, DateTimeOffset reset)
    {
        var moment = reset.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var headers = context.Response.Headers;
        headers["X-RateLimit-Limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = remaining.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = moment;
        headers.RetryAfter = moment;
    }

    public void Reset()
    {
        _calls.Reset();
        _analytics.Reset();
    }

    private IResult? CheckKey(string header)
    {
        if (header.Length == 0)
        {
            return DubReply.Unauthorized("Missing Authorization header.");
        }

        if (!header.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return DubReply.BadRequest("Misconfigured authorization header. Did you forget to add 'Bearer '? Learn more: https://d.to/auth");
        }

        var key = header[Scheme.Length..];
        return !key.StartsWith("dub_", StringComparison.Ordinal) ? DubReply.NotFound("Workspace ID not found. Keys without the prefix dub_ need a workspaceId.")
            : key != options.ApiKey || options.Key == DubKeyState.Revoked ? RefuseKey()
            : null;
    }

    private IResult? CheckLimit(HttpContext context, DubEndpoint endpoint)
    {
        var limit = endpoint.IsAnalytics ? options.EventsLimit : options.Limit;
        var (accepted, remaining, reset) = endpoint.IsAnalytics
            ? _analytics.Enter(options.Time.GetUtcNow(), limit, TimeSpan.FromSeconds(1))
            : _calls.Enter(options.Time.GetUtcNow(), limit, options.Window);
        context.Response.OnStarting(() =>
        {
            // What is not JSON comes from a proxy, which knows of no limit.
            var isDubs = context.Response.ContentType?.StartsWith("application/json", StringComparison.Ordinal) is true;
            if (isDubs && (endpoint.TellsLimit || context.Response.StatusCode >= StatusCodes.Status400BadRequest))
            {
                TellLimit(context, limit, remaining, reset);
            }

            return Task.CompletedTask;
        });
        return accepted ? null : DubReply.TooManyRequests();
    }

    private IResult? CheckPermission(DubEndpoint endpoint) => options.Key == DubKeyState.NoPermission ? Forbid(endpoint) : null;
}
