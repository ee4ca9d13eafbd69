namespace Dub.Clerk.Host.Links;

/// <summary><c>GET /{key}</c>: a visitor follows a short link.</summary>
internal static class ShortLinkEndpoint
{
    public static void MapShortLinks(this IEndpointRouteBuilder endpoints)
        => endpoints.MapMethods("/{**key}", [HttpMethods.Get, HttpMethods.Head], FollowAsync).WithOrder(int.MaxValue).ExcludeFromDescription();

    private static async Task<IResult> FollowAsync(HttpContext context, string? key, LinkResolver links, ClickRecorder clicks)
    {
        var request = context.Request;
        if (string.IsNullOrEmpty(key) || ReservedKeys.Contains(key))
        {
            return TypedResults.Text("Nothing is to be had here. What there is, /scalar shows.", statusCode: StatusCodes.Status404NotFound);
        }

        if (await links.FindAsync(LinkAddress.NormalizeDomain(request.Host.Host), key) is not { } link)
        {
            return TypedResults.Text("There is no such link.", statusCode: StatusCodes.Status404NotFound);
        }

        var untracked = request.Query.ContainsKey("dub-no-track");
        var target = TargetUrl.Compose(link.Url, request.QueryString.Value, clickId: null);
        if (HttpMethods.IsGet(request.Method) && !untracked && !request.Headers.ContainsKey("dub-no-track"))
        {
            var clickId = await clicks.RecordAsync(link, request);
            target = link.TrackConversion ? TargetUrl.Compose(link.Url, request.QueryString.Value, clickId) : target;
        }

        // A cached redirect would be one click for many visitors.
        context.Response.Headers.CacheControl = "private, no-store";
        context.Response.Headers["X-Robots-Tag"] = "googlebot: noindex";
        return TypedResults.Redirect(target);
    }
}
