namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>How a <see cref="ClerkServer"/> differs from the usual one.</summary>
internal sealed record ClerkServerOptions
{
    /// <summary>On loopback. 0, the default, takes any free port.</summary>
    public int Port { get; init; }

    /// <summary>The instance's keys; the server makes its own when null.</summary>
    public ClerkStandIn? Instance { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Backend API requests of the whole instance in ten seconds. Clerk has 100 for development instances and 1,000 for production.
    /// Null, the default: any number.</summary>
    public int? InstanceLimit { get; init; }

    /// <summary>Changes of one user in ten seconds. Clerk's are 10; null allows any number.</summary>
    public int? UserLimit { get; init; } = 10;

    /// <summary>Where Clerk's browser code is, see <see cref="ClerkScripts"/>; null serves none.</summary>
    public string? ScriptsFolder { get; init; }

    /// <summary>Where <c>user.created</c>, <c>user.updated</c> and <c>user.deleted</c> go; null when the test delivers them itself.</summary>
    public Uri? WebhookAddress { get; init; }

    /// <summary>What Svix waits before each repeat of a delivery that failed. Empty: one attempt.</summary>
    public IReadOnlyList<TimeSpan> WebhookRetries { get; init; } = ClerkWebhooks.SvixSchedule;
}
