namespace Dub.Clerk.Diagnostics;

/// <summary>What has been seen to work since the process started, for the person who sets it up.</summary>
internal sealed class Signs(TimeProvider time)
{
    /// <summary>How the ids of deliveries begin that are made to try the way they take: they are no sign of Clerk.</summary>
    public const string TestDelivery = "msg_dubclerktest";

    private long _webhookAt;
    private long _sessionAt;
    private long _claimAt;

    /// <summary>When a signed delivery came last.</summary>
    public DateTimeOffset? WebhookAt => Time(ref _webhookAt);

    /// <summary>When a session was seen first.</summary>
    public DateTimeOffset? SessionAt => Time(ref _sessionAt);

    /// <summary>When a session was seen first whose token carries what Clerk knows of the click.</summary>
    public DateTimeOffset? ClaimAt => Time(ref _claimAt);

    public void SeeWebhook(string deliveryId)
    {
        if (!deliveryId.StartsWith(TestDelivery, StringComparison.Ordinal))
        {
            Volatile.Write(ref _webhookAt, time.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }

    /// <summary>The first of each kind is enough, so that further requests pay nothing for it.</summary>
    /// <param name="hasCustomClaim">Whether the token carries what Clerk knows of the click.</param>
    public void SeeSession(bool hasCustomClaim)
    {
        if (Volatile.Read(ref _claimAt) != 0)
        {
            return;
        }

        if (Volatile.Read(ref _sessionAt) == 0)
        {
            Volatile.Write(ref _sessionAt, time.GetUtcNow().ToUnixTimeMilliseconds());
        }

        if (hasCustomClaim)
        {
            Volatile.Write(ref _claimAt, time.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }

    private static DateTimeOffset? Time(ref long milliseconds)
        => Volatile.Read(ref milliseconds) is > 0 and var at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
