using System.Security.Cryptography;

namespace Dub.Clerk.Host.StandIns;

/// <summary>How Dub's stand-in behaves. What has a setter may be changed while it runs, and holds from the next call on.</summary>
internal sealed class DubStandInOptions
{
    /// <summary>Where it listens; port 0 takes a free one. Loopback only.</summary>
    public Uri Address { get; init; } = new("http://127.0.0.1:0");

    /// <summary>The one key it knows.</summary>
    public string ApiKey { get; init; } = "dub_" + RandomNumberGenerator.GetHexString(40, lowercase: true);

    /// <summary>Its clock: expiries, delays and rate limits. How long a fault holds a reply is real time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Decides which calls fail, where they fail by chance.</summary>
    public int Seed { get; init; } = RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>Calls per <see cref="Window"/>, events and analytics apart. Dub's Business plan: 1200.</summary>
    public int Limit { get; set; } = 1200;

    /// <summary>The window that <see cref="Limit"/> slides over.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Calls to <c>/events</c> per second. Dub's Business plan: 4.</summary>
    public int EventsLimit { get; set; } = 4;

    /// <summary>What its key is good for.</summary>
    public DubKeyState Key { get; set; }

    /// <summary>How long after the reply a lead or a sale is recorded, which Dub does in the background.</summary>
    public TimeSpan RecordingDelay { get; set; }

    /// <summary>How long after it was recorded <c>/events</c> shows an event, and a click that is older than five minutes is found.</summary>
    public TimeSpan IngestionLag { get; set; }

    /// <summary>How long, in real time, a fault holds a reply whose client does not give up, and how long a dripping body takes.</summary>
    public TimeSpan HoldAtMost { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Where its webhooks go; null sends none.</summary>
    public Uri? Webhook { get; init; }

    /// <summary>Signs its webhooks, the prefix <c>whsec_</c> included.</summary>
    public string WebhookSecret { get; init; } = "whsec_" + RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>How long after a failed delivery of a webhook the next one comes; after the last of them it is given up. Dub's own: 12 s,
    /// 2 min 28 s, 30 min 8 s, 6 h 7 min 6 s, then every 24 h.</summary>
    public IReadOnlyList<TimeSpan> WebhookRetries { get; init; } =
        [TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(25), TimeSpan.FromMinutes(2)];
}

/// <summary>What the API key is good for.</summary>
internal enum DubKeyState
{
    Valid,

    /// <summary>401, as for a key that was deleted.</summary>
    Revoked,

    /// <summary>403, as for a key of a member whose role or permissions do not suffice.</summary>
    NoPermission,
}
