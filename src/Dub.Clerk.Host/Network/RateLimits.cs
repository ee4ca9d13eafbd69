using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Dub.Clerk.Host.Api;
using Dub.Clerk.Webhooks;
using Microsoft.AspNetCore.RateLimiting;

namespace Dub.Clerk.Host.Network;

/// <summary>How many requests one address may make in a minute, to what takes requests from anybody; 0 for as many as it likes. Each host counts for
/// itself. Short links have none: a visitor is always led on, and a campaign may have thousands of them behind one address.</summary>
internal sealed record RateLimits
{
    /// <summary>The policies' names.</summary>
    public const string Pages = "pages";
    public const string Webhooks = "webhooks";
    public const string SignIn = "sign-in";

    /// <summary><c>DubClerk:RateLimits:PagesPerMinute</c>: what pages report and load: clicks, visits, leads, sales, the script. Default 6,000: a city behind
    /// its mobile operator's address.</summary>
    public int PagesPerMinute { get; init; } = 6000;

    /// <summary><c>DubClerk:RateLimits:WebhooksPerMinute</c>. Default 12,000: Clerk and Dub send all of theirs from a few addresses. What is refused is
    /// delivered again.</summary>
    public int WebhooksPerMinute { get; init; } = 12_000;

    /// <summary><c>DubClerk:RateLimits:SignInsPerMinute</c>: attempts to sign in to the dashboard. Default 10.</summary>
    public int SignInsPerMinute { get; init; } = 10;

    public void AddTo(IServiceCollection services) => services.AddRateLimiter(limiter => limiter
        .AddPolicy(Pages, new VisitorLimit(PagesPerMinute, visitorsOnly: true, AnswerPageAsync))
        .AddPolicy(Webhooks, new VisitorLimit(WebhooksPerMinute, visitorsOnly: true, AnswerSenderAsync))
        .AddPolicy(SignIn, new VisitorLimit(SignInsPerMinute, visitorsOnly: false, AnswerPersonAsync)));

    private static Task AnswerPageAsync(HttpContext context, int seconds)
    {
        OpenCors.Allow(context.Response);
        return (DubErrors.TooManyRequests with { RetryAfter = seconds }).ExecuteAsync(context);
    }

    private static Task AnswerSenderAsync(HttpContext context, int seconds)
        => Reply.ProblemAsync(context, StatusCodes.Status429TooManyRequests, "Too many deliveries came from this address. Deliver again.");

    private static Task AnswerPersonAsync(HttpContext context, int seconds)
        => TypedResults.Text($"Too many attempts to sign in came from your address. Try again in {seconds} seconds.", statusCode: StatusCodes.Status429TooManyRequests).ExecuteAsync(context);
}

/// <summary>Counts by address, an IPv6 network of 64 bits as one: that is what one customer has.</summary>
/// <param name="perMinute">The limit; 0 for none.</param>
/// <param name="visitorsOnly">Whether addresses that cannot be a visitor's own are not counted: this machine's and private ones are those of a proxy that
/// is not named, with everybody behind it.</param>
/// <param name="answer">Writes the refusal; told after how many seconds there is more.</param>
internal sealed class VisitorLimit(int perMinute, bool visitorsOnly, Func<HttpContext, int, Task> answer) : IRateLimiterPolicy<int>
{
    /// <summary>Addresses that fall together share a count, so that memory stays bounded however many there are. Where they fall nobody can foresee.</summary>
    private const int Buckets = 16_384;

    private static readonly IPNetwork[] Shared =
    [
        .. new[] { "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10" }
            .Select(network => IPNetwork.Parse(network)),
    ];

    public Func<OnRejectedContext, CancellationToken, ValueTask> OnRejected => async (refused, _) =>
    {
        var seconds = refused.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 60;
        refused.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await answer(refused.HttpContext, seconds);
    };

    public RateLimitPartition<int> GetPartition(HttpContext httpContext)
    {
        var address = httpContext.Connection.RemoteIpAddress.Plain() ?? IPAddress.Loopback;
        return perMinute == 0 || (visitorsOnly && Shared.Any(network => network.Contains(address)))
            ? RateLimitPartition.GetNoLimiter(-1)
            : RateLimitPartition.GetFixedWindowLimiter(BucketOf(address), _ => new FixedWindowRateLimiterOptions { PermitLimit = perMinute, Window = TimeSpan.FromMinutes(1) });
    }

    private static int BucketOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        var hash = default(HashCode);
        hash.AddBytes(bytes[..(address.AddressFamily == AddressFamily.InterNetworkV6 ? 8 : length)]);
        return (int)((uint)hash.ToHashCode() % Buckets);
    }
}
