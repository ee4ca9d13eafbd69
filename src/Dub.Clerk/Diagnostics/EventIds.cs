namespace Dub.Clerk.Diagnostics;

/// <summary>Log event ids: a block of 100 per feature, retired numbers are never used again.</summary>
internal static class EventIds
{
    // 50: Options
    public const int OptionsRefused = 50;

    // 100: Authentication
    public const int SessionTokenRefused = 100;
    public const int SessionTokenExpired = 101;
    public const int SessionTokensUncheckable = 102;
    public const int SessionTokenOfAnotherKind = 103;
    public const int JwksFetched = 110;
    public const int JwksFetchFailed = 111;
    public const int JwksFetchRefused = 112;
    public const int JwksWithoutUsableKey = 113;

    // 200: Attribution
    public const int AttributionStoreUnavailable = 200;
    public const int AttributionDelayed = 201;

    // 300: Webhooks
    public const int WebhookRefused = 300;
    public const int WebhookMalformed = 301;
    public const int WebhookIgnored = 302;
    public const int WebhookHandled = 303;
    public const int WebhookStoreUnavailable = 304;
    public const int WebhookFailed = 305;
    public const int WebhookTooLarge = 306;
    public const int WebhookSecretMissing = 307;
    public const int WebhookUpdated = 308;
    public const int WebhookDeleted = 309;
    public const int DubWebhookRefused = 350;
    public const int DubWebhookHandled = 351;
    public const int DubWebhookStoreUnavailable = 352;

    // 400: SignUps
    // 500: Conversions
    // 600: Outbox
    public const int OutboxRoundFailed = 600;
    public const int OutboxUnknownKind = 601;
    public const int OutboxItemFailed = 602;
    public const int OutboxItemDone = 603;
    public const int OutboxItemAgain = 604;
    public const int OutboxItemGivenUp = 605;
    public const int OutboxClaimLost = 606;
    public const int OutboxClosed = 607;
    public const int OutboxOpened = 608;
    public const int OutboxNotAnnounced = 609;

    // 700: Store
    public const int StoreNotAsPromised = 700;

    // 1000 and up: Host
}
