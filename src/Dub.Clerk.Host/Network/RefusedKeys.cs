using System.Threading.RateLimiting;

namespace Dub.Clerk.Host.Network;

/// <summary>Counts the wrong keys that each address presents to the API. Good ones are not looked at, so nobody is kept out for a neighbour's guesses.</summary>
internal sealed class RefusedKeys(HostOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, int>(
        context => VisitorLimit.PartitionOf(context, options.RateLimits.RefusedKeysPerMinute, visitorsOnly: false));

    /// <summary>Counts one more.</summary>
    /// <returns>After how many seconds there is more, where it was too many; else null.</returns>
    public int? Count(HttpContext context)
    {
        using var lease = _limiter.AttemptAcquire(context);
        return lease.IsAcquired ? null : VisitorLimit.SecondsUntilMore(lease);
    }

    public void Dispose() => _limiter.Dispose();
}
