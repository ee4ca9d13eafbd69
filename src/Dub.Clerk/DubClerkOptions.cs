using Microsoft.AspNetCore.Http;

namespace Dub.Clerk;

/// <summary>Everything Dub.Clerk can be told. The common case sets none of it in code: each well-known environment variable named
/// below is read from the app's configuration, and everything else from its <c>DubClerk</c> section.</summary>
/// <remarks>Checked when the app starts; every fault is listed with its remedy. <c>UseDubClerk</c> and <c>MapClerkWebhooks</c> each demand
/// only the settings they need.</remarks>
public sealed class DubClerkOptions
{
    /// <summary>The configuration section that holds every setting without a well-known name: <c>DubClerk</c>.</summary>
    public const string SectionName = "DubClerk";

    /// <summary>Clerk's publishable key, <c>pk_live_…</c> or <c>pk_test_…</c>. It names the instance: its issuer, its public key set and
    /// the suffix of its cookies.</summary>
    /// <remarks>Configuration: <c>CLERK_PUBLISHABLE_KEY</c>, else <c>NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY</c>. Needed by <c>UseDubClerk</c>.</remarks>
    public string? PublishableKey { get; set; }

    /// <summary>The instance's public key in PEM, so that no request to Clerk is needed to check a session token. Several may follow each
    /// other while a key is rotated.</summary>
    /// <remarks>Configuration: <c>CLERK_JWT_KEY</c>. Default none: the keys come from <see cref="JwksAddress"/>. SPKI and PKCS#1, one line or
    /// many, with or without armour, with literal <c>\n</c>: every spelling that survives an environment variable is read.</remarks>
    public string? JwtKey { get; set; }

    /// <summary>Where the instance publishes its JSON Web Key Set, when <see cref="JwtKey"/> is not set.</summary>
    /// <remarks>Default <c>https://{frontend API host of the publishable key}/.well-known/jwks.json</c>, which needs no secret. Must be
    /// https, or http on a loopback address.</remarks>
    public Uri? JwksAddress { get; set; }

    /// <summary>The <c>iss</c> a session token must have, compared exactly.</summary>
    /// <remarks>Default <c>https://{frontend API host of the publishable key}</c>, also behind a proxy URL.</remarks>
    public string? Issuer { get; set; }

    /// <summary>The origins, such as <c>https://app.example.com</c>, whose session tokens are accepted: a token's <c>azp</c> must equal one
    /// of them exactly.</summary>
    /// <remarks>Default empty, which Production, and every environment with a <c>pk_live_</c> key, refuses at start unless
    /// <see cref="AllowAnyAuthorizedParty"/> is set; elsewhere an empty list accepts any.</remarks>
    public IList<string> AuthorizedParties { get; } = [];

    /// <summary>Accept tokens whatever their <c>azp</c>. Default false. A token that another site of the same Clerk instance obtained is then
    /// accepted here too.</summary>
    public bool AllowAnyAuthorizedParty { get; set; }

    /// <summary>Accept tokens that have no <c>azp</c>, as Clerk gives to native apps, although <see cref="AuthorizedParties"/> is set.
    /// Default false.</summary>
    public bool AllowMissingAuthorizedParty { get; set; }

    /// <summary>How many verified session tokens are remembered, so that a token that comes again is not verified again. Clients send one for about
    /// 50 seconds.</summary>
    /// <remarks>Default 4,096, of about 4 KB each; 0 verifies every time; at most 1,000,000. A token is forgotten at its expiry, and when its key is
    /// withdrawn.</remarks>
    public int SessionTokenCacheSize { get; set; } = 4096;

    /// <summary>The signing secrets of the Clerk webhook endpoint, <c>whsec_…</c>. Any of them is accepted, so that one can be rotated without
    /// a gap.</summary>
    /// <remarks>Configuration: <c>CLERK_WEBHOOK_SIGNING_SECRET</c>, several separated by spaces or commas; read for each delivery, so a change
    /// needs no restart. Each must decode to at least 16 bytes. Needed by <c>MapClerkWebhooks</c>.</remarks>
    public IList<string> WebhookSigningSecrets { get; } = [];

    /// <summary>How far a delivery's timestamp may differ from our clock, either way, before it is refused.</summary>
    /// <remarks>Default five minutes, as in the reference libraries of Standard Webhooks; more than zero and at most one hour. A larger value
    /// widens the window in which a recorded delivery can be replayed, which is harmless here: a repeat changes nothing.</remarks>
    public TimeSpan WebhookTolerance { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Dub's API key, <c>dub_…</c>: with it, leads are delivered to Dub, and clicks that only Dub knows count.</summary>
    /// <remarks>Configuration: <c>DUB_API_KEY</c>. Default none: leads stay in the store, unless another process on the same store has the key.</remarks>
    public string? DubApiKey { get; set; }

    /// <summary>Where Dub's API is.</summary>
    /// <remarks>Configuration: <c>DUB_API_URL</c>. Default <c>https://api.dub.co</c>; a path is kept. Must be https, or http on a loopback address.</remarks>
    public Uri DubApiUrl { get; set; } = new("https://api.dub.co");

    /// <summary>The rate limit of your Dub plan, in calls per minute, shared by every host on the store. Slightly less is used, evenly spread.</summary>
    /// <remarks>Default 1,200, Dub's Business plan; 1 to 100,000. Where Dub refuses a call and names a smaller limit, that one is kept to for a day.</remarks>
    public int DubRequestsPerMinute { get; set; } = 1200;

    /// <summary>The signing secrets of the Dub webhook, as Dub shows them. Any of them is accepted, so that one can be rotated without a gap.</summary>
    /// <remarks>Configuration: <c>DUB_WEBHOOK_SECRET</c>, several separated by spaces or commas. Needed by <c>MapDubWebhooks</c>.</remarks>
    public IList<string> DubWebhookSecrets { get; } = [];

    /// <summary>Clerk's secret key, <c>sk_…</c>: with it, a tracked user's public metadata gets <c>dubClickId</c>, so that no request asks again, and an
    /// account whose webhook does not come is looked up.</summary>
    /// <remarks>Configuration: <c>CLERK_SECRET_KEY</c>. Default none: neither is done, unless another process on the same store has the key.</remarks>
    public string? ClerkSecretKey { get; set; }

    /// <summary>Where Clerk's Backend API is, without <c>/v1</c>.</summary>
    /// <remarks>Configuration: <c>CLERK_API_URL</c>. Default <c>https://api.clerk.com</c>. Must be https, or http on a loopback address.</remarks>
    public Uri ClerkApiUrl { get; set; } = new("https://api.clerk.com");

    /// <summary>How many calls per minute are made to Clerk's Backend API at the most, over all hosts on the store.</summary>
    /// <remarks>Default 500, within the limit of a development instance (100 in 10 seconds, which your app's own calls share); production instances take ten
    /// times as many. 1 to 6,000.</remarks>
    public int ClerkRequestsPerMinute { get; set; } = 500;

    /// <summary>How long a signed-in visitor's click waits for Clerk's <c>user.created</c> webhook before Clerk is asked for the account.</summary>
    /// <remarks>Default three minutes; more than zero and at most one day. Needs <see cref="ClerkSecretKey"/>.</remarks>
    public TimeSpan WebhookPatience { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>The Redis, Valkey or Garnet server that holds clicks, sign-ups and leads, as a StackExchange.Redis connection string.</summary>
    /// <remarks>Configuration: <c>ConnectionStrings:Redis</c>. Not needed when the app registers its own <c>IConnectionMultiplexer</c>.</remarks>
    public string? Redis { get; set; }

    /// <summary>How many replicas must have a write before it is acknowledged: what a webhook or a call was answered 2xx for then survives the loss of
    /// the master. Where they are too few, or slower than a second, the answer is 503.</summary>
    /// <remarks>Default 0: a failover can lose what was written just before it, usually less than a second. 0 to 10. With as many as each master has, none may
    /// be away: after a failover nothing is acknowledged until the old master is back as a replica. With fewer, it is Redis that chooses which replica takes
    /// over, and it does not promise to choose one that has everything. Replicas have a write in memory; whether it is on their disks is their
    /// <c>appendfsync</c>'s matter. Needs <see cref="Redis"/>, for connections of its own; where the app registers an <c>IConnectionMultiplexer</c>, both must
    /// be the same store.</remarks>
    public int ReplicasPerWrite { get; set; }

    /// <summary>What every key in the store begins with, so that several products can share a server. Default <c>dub</c>; 1 to 32 letters,
    /// digits, <c>_</c>, <c>-</c> or <c>.</c>.</summary>
    public string KeyPrefix { get; set; } = "dub";

    /// <summary>How long after an account was created the first signed-in request with a click may come for the sign-up to count as that
    /// click's. Later ones are by an existing user and make no lead.</summary>
    /// <remarks>Default 24 hours; more than zero and at most 30 days.</remarks>
    public TimeSpan NewAccountWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The event name of the leads that sign-ups become. Default <c>Sign Up</c>; 1 to 255 characters.</summary>
    public string LeadEventName { get; set; } = "Sign Up";

    /// <summary>Changes, completes or refuses a lead just before it is recorded: add metadata, rename the event, or call
    /// <see cref="LeadContext.Refuse"/>.</summary>
    /// <remarks>May run more than once for the same sign-up (a delivery that is repeated, two hosts at once), but only one outcome is recorded.
    /// An exception fails the attempt, which is made again later; nothing is lost.</remarks>
    public Func<LeadContext, CancellationToken, ValueTask>? OnLead { get; set; }

    /// <summary>How many units of a currency are a US dollar, by its ISO 4217 code, such as <c>EUR</c>. Sales are recorded in dollars.</summary>
    /// <remarks>Default empty: a sale in another currency than <c>usd</c> is refused. Configuration: <c>DubClerk:ExchangeRates:EUR</c>; each more
    /// than zero. Say in <see cref="ExchangeRatesDate"/> when they held. A sale that was recorded keeps its amount when a rate changes.</remarks>
    public IDictionary<string, decimal> ExchangeRates { get; } = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The day on which <see cref="ExchangeRates"/> held. Needed where there are any.</summary>
    public DateOnly? ExchangeRatesDate { get; set; }

    /// <summary>Whether <c>?dub_id=</c> in the address of a page is kept as the first-party cookie <c>dub_id</c> by the server. Default true;
    /// turn it off where only Dub's own script should write the cookie.</summary>
    public bool CaptureClicks { get; set; } = true;

    /// <summary>Which click counts when a visitor comes by several links. Default <see cref="AttributionModel.LastClick"/>, as in Dub's
    /// script.</summary>
    public AttributionModel AttributionModel { get; set; }

    /// <summary>The <c>Domain</c> of the <c>dub_id</c> cookie, such as <c>example.com</c> to share it between sub-domains.</summary>
    /// <remarks>Default none: the cookie belongs to the host that set it. A host outside the domain sets a host-only cookie instead, because
    /// browsers would refuse the other.</remarks>
    public string? CookieDomain { get; set; }

    /// <summary>How long the browser keeps a click. Default 90 days, as Dub's script; more than zero and at most 400 days, the limit of
    /// browsers.</summary>
    public TimeSpan CookieLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long clicks are kept. Default 121 days: the 90 before an account's creation that one may count for, the 30 that a click waits for
    /// its account, and one for differing clocks.</summary>
    /// <remarks>At least 31 days more than a click may be old (<see cref="CookieLifetime"/>, 90 days at the most), or sign-ups would be credited to no
    /// click for want of it; at most <see cref="EventRetention"/>. A customer keeps the click that brought them. Holds for what is recorded from then on.</remarks>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">At start, outside these limits.</exception>
    public TimeSpan ClickRetention { get; set; } = TimeSpan.FromDays(90 + 30 + 1);

    /// <summary>How long leads, sales, their sums, and what became of deliveries are kept. Default and at most 1,098 days, three years; at least
    /// <see cref="ClickRetention"/>.</summary>
    /// <remarks>The ledger, which keeps a lead from being recorded twice, has no end. An invoice that is named again after this time is a new sale. Holds for
    /// what is recorded from then on.</remarks>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">At start, outside these limits.</exception>
    public TimeSpan EventRetention { get; set; } = LongestEventRetention;

    /// <summary>Three years, the last of them whole.</summary>
    internal static readonly TimeSpan LongestEventRetention = TimeSpan.FromDays(3 * 366);

    /// <summary>How long a click waits for its account: Clerk's deliveries end after 28 hours, an operator's replay may come days later.</summary>
    internal static readonly TimeSpan HalfRetention = TimeSpan.FromDays(30);

    /// <summary>Whether the visitor of this request agreed to attribution. When it answers false, no cookie is written and none is read; the
    /// sign-up's reason for having no lead is then consent.</summary>
    /// <remarks>Default none: everyone is taken to have agreed. It is asked only where a click is at stake.</remarks>
    public Func<HttpContext, bool>? HasConsent { get; set; }
}
