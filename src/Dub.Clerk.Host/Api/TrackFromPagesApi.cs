using Dub.Clerk.Host.Network;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/track/lead/client</c> and <c>/track/sale/client</c>: what a page's script reports, with the publishable key.</summary>
internal static class TrackFromPagesApi
{
    public static void MapTrackFromPages(this IEndpointRouteBuilder api)
    {
        var open = api.MapGroup("/track").WithTags("Track").AddEndpointFilter(OpenCors.AllowAsync).RequireRateLimiting(RateLimits.Pages);
        open.MapMethods("/lead/client", [HttpMethods.Options], OpenCors.Preflight).ExcludeFromDescription();
        open.MapMethods("/sale/client", [HttpMethods.Options], OpenCors.Preflight).ExcludeFromDescription();

        var published = open.MapGroup(string.Empty).AddEndpointFilter<RouteGroupBuilder, PublishableKeyFilter>()
            .AddEndpointFilter<RouteGroupBuilder, RateLimitFilter>().WithMetadata(ApiDocument.ByPublishableKey);
        published.MapTrackLeadClient();
        published.MapTrackSaleClient();
    }
}
