namespace Dub.Clerk.Diagnostics;

/// <summary>Log event ids: a block of 100 per feature, retired numbers are never used again.</summary>
internal static class EventIds
{
    // 100: Authentication
    // 200: Attribution
    // 300: Webhooks
    // 400: SignUps
    // 500: Conversions
    // 600: Outbox
    // 700: Store
    // 1000 and up: Host
}
