namespace Dub.Clerk.Host.Diagnostics;

/// <summary>Log event ids of the host: a block of 50 per feature from 1000 up, retired numbers are never used again.</summary>
internal static class HostEventIds
{
    // 1000: Embedded
    public const int StoreStarted = 1000;
    public const int StoreStopped = 1001;
    public const int CheckpointTaken = 1002;
    public const int CheckpointFailed = 1003;
    public const int StoreUnhealthy = 1004;
    public const int StoreHealthy = 1005;
    public const int StoreRoundFailed = 1006;
    public const int StoreRewritten = 1007;
    public const int StoreRewriteFailed = 1008;

    // 1050: Links
    public const int ClickUnrecorded = 1050;

    // 1100: Start
    public const int NoSessions = 1100;
    public const int NoShortDomains = 1101;

    // 1150: Dashboard
    public const int DashboardSignedIn = 1150;
    public const int DashboardRefused = 1151;

    // 1200: Access
    public const int SettingsRefused = 1200;
    public const int ReadKeyRefused = 1201;
    public const int ProxyNotTrusted = 1202;
    public const int KeyRefused = 1203;

    // 1250: Health
    public const int StoreFound = 1250;
}
