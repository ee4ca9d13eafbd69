namespace Dub.Clerk.Host.Api;

/// <summary>The Dub-compatible API, at the root and under <c>/api</c> alike: Dub's SDKs call the one, its own tests the other.</summary>
internal static class DubApi
{
    public static void MapDubApi(this WebApplication web)
    {
        MapAll(web.MapGroup(string.Empty));

        // The same again: documented once, and without the names, which must be unique.
        var under = web.MapGroup("/api").ExcludeFromDescription();
        ((IEndpointConventionBuilder)under).Finally(endpoint =>
        {
            foreach (var name in endpoint.Metadata.OfType<IEndpointNameMetadata>().ToArray())
            {
                endpoint.Metadata.Remove(name);
            }
        });
        MapAll(under);
    }

    private static void MapAll(RouteGroupBuilder api)
    {
        var keyed = api.MapGroup(string.Empty).AddEndpointFilter<RouteGroupBuilder, ApiKeyFilter>().AddEndpointFilter<RouteGroupBuilder, RateLimitFilter>()
            .WithMetadata(ApiDocument.ByApiKey);
        keyed.MapLinks();
        keyed.MapTrackLead();
        keyed.MapTrackSale();
        keyed.MapCustomers();
        keyed.MapEvents();
        keyed.MapAnalytics();
        keyed.MapOutbox();
        keyed.MapReconcile();
        keyed.MapPersonalData();
        api.MapTrackClick();
        api.MapTrackFromPages();
    }
}
