using Dub.Clerk.Conversions;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>What is set up and what is not, with the next step.</summary>
internal sealed class SetupCheck(
    HostOptions host, LiveOptions live, Signs signs, OutboxDestinations destinations, DestinationGates gates, LinkList links, IServiceProvider services)
{
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<SetupStep>> ReadAsync(CancellationToken cancellationToken)
    {
        var options = live.Current;
        return
        [
            Webhooks(),
            Sessions(options),
            Claim(),
            await DestinationAsync(
                OutboxDestination.Clerk, "Clerk's API", options.ClerkSecretKey is not null, "CLERK_SECRET_KEY",
                "tracked users get dubClickId in their public metadata, and lost webhooks are made up for", "Set CLERK_SECRET_KEY: Clerk's dashboard has it under API keys."),
            await DestinationAsync(
                OutboxDestination.Dub, "Dub's API", options.DubApiKey is not null, "DUB_API_KEY",
                "leads and sales of Dub's links go to Dub, and clicks that only Dub knows count", "Only if your links are Dub's: set DUB_API_KEY, from Dub's workspace settings."),
            DubWebhooks(),
            await LinksAsync(cancellationToken),
            Store(),
        ];
    }

    private SetupStep Webhooks() => signs.WebhookAt is { } at
        ? new("Clerk's webhooks", SetupState.Done, $"The last delivery came at {Spoken.Time(at)}.")
        : new("Clerk's webhooks", SetupState.Waiting, "The signing secret is set. No delivery has come since this host started.",
            "In Clerk's dashboard, under Webhooks, add the public address of this host with /webhooks/clerk, subscribe to user.created, user.updated and user.deleted, and put the endpoint's signing secret into CLERK_WEBHOOK_SIGNING_SECRET. Then sign up.");

    private SetupStep Sessions(DubClerkOptions options)
    {
        const string title = "Clerk's sessions";
        if (!host.Sessions)
        {
            return new(title, SetupState.Optional, "No session is checked: a click counts only when it comes in a sign-up's unsafe_metadata.",
                "Set CLERK_PUBLISHABLE_KEY, and route /attribution of your app to this host.");
        }

        var parties = options.AuthorizedParties.Count > 0 ? $"Tokens of {string.Join(", ", options.AuthorizedParties)} are accepted." : "Tokens of any page are accepted.";
        return signs.SessionAt is { } at
            ? new(title, SetupState.Done, $"{parties} The first session was seen at {Spoken.Time(at)}.")
            : new(title, SetupState.Waiting, $"{parties} No session has been seen since this host started.",
                "After signing up, have your page ask /attribution, through your own origin so that the session cookie comes along. Apps that use the library see sessions themselves.");
    }

    private SetupStep Claim()
    {
        const string title = "The click in the session token";
        const string next = "In Clerk's dashboard, under Sessions, add the claim {\"dubClickId\":\"{{user.public_metadata.dubClickId}}\"}. A request whose token has it asks the store for nothing.";
        return signs.ClaimAt is not null ? new(title, SetupState.Done, "The custom claim is in the tokens.")
            : signs.SessionAt is not null ? new(title, SetupState.Optional, "The tokens that were seen have no such claim. All works without; it saves work.", next)
            : new(title, SetupState.Optional, "No token has been seen yet. The claim is not needed; it saves work.", next);
    }

    private async Task<SetupStep> DestinationAsync(OutboxDestination destination, string title, bool isSet, string name, string effect, string next)
    {
        if (isSet)
        {
            return gates[destination].Reason is { } reason
                ? new(title, SetupState.Broken, reason, $"Correct {name}. What waits is kept, and goes on by itself.")
                : new(title, SetupState.Done, $"{name} is set: {effect}.");
        }

        return await destinations.IsServedAsync(destination)
            ? new(title, SetupState.Done, $"Another process on this store has {name}: {effect}.")
            : new(title, SetupState.Optional, $"{name} is not set. With it, {effect}.", next);
    }

    private SetupStep DubWebhooks() => host.DubWebhooks
        ? new("Dub's webhooks", SetupState.Done, "DUB_WEBHOOK_SECRET is set: clicks on Dub's links are known at once, and leads are confirmed.")
        : new("Dub's webhooks", SetupState.Optional, "DUB_WEBHOOK_SECRET is not set. With it, clicks on Dub's links are known at once, and leads are confirmed.",
            "Only if your links are Dub's: add /webhooks/dub in Dub, for link.clicked and lead.created, and set its secret.");

    private async Task<SetupStep> LinksAsync(CancellationToken cancellationToken)
    {
        const string title = "Short links";
        if (host.FindDomain(null) is not { } domain)
        {
            return new(title, SetupState.Optional, "No short domain is set, so no link can be created.", "Set DubClerk__ShortDomains__0 to a domain that leads to this host.");
        }

        var count = await links.CountAsync(new LinkQuery { WithArchived = true }, cancellationToken);
        return count > 0
            ? new(title, SetupState.Done, $"{Spoken.Count(count, "link")}; new ones are on {domain}.")
            : new(title, SetupState.Waiting, $"There are no links yet; new ones are on {domain}.", "Create one under Links, with conversion tracking on.");
    }

    private SetupStep Store() => services.GetService<EmbeddedStore>() is null
        ? new("Store", SetupState.Done, "ConnectionStrings__Redis names it. What it acknowledges is as durable as its settings.")
        : new("Store", SetupState.Done, $"Embedded, in {host.DataDirectory}. What it acknowledges is on disk.");
}
