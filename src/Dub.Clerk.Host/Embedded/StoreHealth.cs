namespace Dub.Clerk.Host.Embedded;

/// <summary>Whether the store takes writes, and if not, why and what to do.</summary>
internal sealed record StoreHealth(bool IsHealthy, string? Reason)
{
    public static StoreHealth Healthy { get; } = new(true, null);
}
