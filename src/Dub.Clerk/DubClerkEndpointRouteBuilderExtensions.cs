using Dub.Clerk;
using Dub.Clerk.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the endpoints that Clerk and Dub deliver their webhooks to.</summary>
public static class DubClerkEndpointRouteBuilderExtensions
{
    private static readonly object[] Statuses =
        [.. new[] { 200, 204, 400, 401, 413, 422, 500, 503 }.Select(status => new ProducesResponseTypeMetadata(status))];

    private static readonly object[] DubStatuses =
        [.. new[] { 204, 400, 401, 413, 422, 503 }.Select(status => new ProducesResponseTypeMetadata(status))];

    /// <summary>Maps <c>POST /webhooks/clerk</c>, which verifies Clerk's deliveries and turns <c>user.created</c> into sign-ups.</summary>
    /// <remarks>Needs <c>CLERK_WEBHOOK_SIGNING_SECRET</c> and a store. Replies: 200 recorded; 204 an event that is not handled; 400 headers
    /// missing or malformed; 401 not signed by Clerk, or not within <see cref="DubClerkOptions.WebhookTolerance"/>; 413 over 1 MiB; 422 signed,
    /// but no Clerk event; 500 and 503 not recorded, deliver again.</remarks>
    /// <param name="endpoints">The app.</param>
    /// <param name="pattern">Where, if not at <c>/webhooks/clerk</c>.</param>
    /// <returns>The endpoint, to add rate limits, hosts or metadata to.</returns>
    /// <exception cref="InvalidOperationException"><c>AddDubClerk</c> was not called.</exception>
    public static IEndpointConventionBuilder MapClerkWebhooks(this IEndpointRouteBuilder endpoints, string pattern = ClerkWebhookEndpoint.DefaultPattern)
    {
        ArgumentNullException.ThrowIfNull(endpoints);

        UsedFeatures.Of(endpoints.ServiceProvider).Webhooks = true;
        return Map(endpoints, pattern, static context => WebhookWatch.HandleAsync(
                context, ClerkWebhookEndpoint.Sender, static context => context.RequestServices.GetRequiredService<ClerkWebhookEndpoint>().HandleAsync(context)))
            .WithMetadata(Statuses)
            .WithName("ClerkWebhook")
            .WithSummary("Receives Clerk's webhooks");
    }

    /// <summary>Maps <c>POST /webhooks/dub</c>, which verifies Dub's deliveries: clicks on Dub's links (<c>link.clicked</c>) are known at once, and leads
    /// that Dub has (<c>lead.created</c>) are confirmed.</summary>
    /// <remarks>Needs <c>DUB_WEBHOOK_SECRET</c> and a store. Replies: 204 taken, or an event that is not handled; 400 no signature; 401 not signed by Dub;
    /// 413 over 1 MiB; 422 signed, but no event of Dub's; 503 not recorded, deliver again.</remarks>
    /// <param name="endpoints">The app.</param>
    /// <param name="pattern">Where, if not at <c>/webhooks/dub</c>.</param>
    /// <returns>The endpoint, to add rate limits, hosts or metadata to.</returns>
    /// <exception cref="InvalidOperationException"><c>AddDubClerk</c> was not called.</exception>
    public static IEndpointConventionBuilder MapDubWebhooks(this IEndpointRouteBuilder endpoints, string pattern = DubWebhookEndpoint.DefaultPattern)
    {
        ArgumentNullException.ThrowIfNull(endpoints);

        UsedFeatures.Of(endpoints.ServiceProvider).DubWebhooks = true;
        return Map(endpoints, pattern, static context => WebhookWatch.HandleAsync(
                context, DubWebhookEndpoint.Sender, static context => context.RequestServices.GetRequiredService<DubWebhookEndpoint>().HandleAsync(context)))
            .WithMetadata(DubStatuses)
            .WithName("DubWebhook")
            .WithSummary("Receives Dub's webhooks");
    }

    /// <summary>The handler asks for its services when a request comes, and not now: at start every fault of the options shall be listed, not the first that
    /// somebody asked for.</summary>
    private static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, string pattern, RequestDelegate handle)
        => endpoints.MapPost(pattern, handle)
            // A RequestDelegate is left out of API documents unless it names its method.
            .WithMetadata(handle.Method)
            .AllowAnonymous()
            .WithTags("Webhooks")
            .DisableAntiforgery();
}
