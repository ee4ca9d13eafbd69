namespace Dub.Clerk.Diagnostics;

/// <summary>Log event ids: a block of 100 per feature, retired numbers are never used again.</summary>
internal static class EventIds
{
    // 100: Authentication
    public const int SessionTokenRefused = 100;
    public const int SessionTokenExpired = 101;
    public const int SessionTokensUncheckable = 102;
    public const int JwksFetched = 110;
    public const int JwksFetchFailed = 111;
    public const int JwksFetchRefused = 112;
    public const int JwksWithoutUsableKey = 113;

    // 200: Attribution
    // 300: Webhooks
    // 400: SignUps
    // 500: Conversions
    // 600: Outbox
    // 700: Store
    // 1000 and up: Host
}
