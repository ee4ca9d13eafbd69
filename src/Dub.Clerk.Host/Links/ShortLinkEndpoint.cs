using System.Globalization;
using Dub.Clerk.Conversions;

namespace Dub.Clerk.Host.Links;

/// <summary><c>GET /{key}</c>: a visitor follows a short link.</summary>
internal static class ShortLinkEndpoint
{
    public static void MapShortLinks(this IEndpointRouteBuilder endpoints)
        => endpoints.MapMethods("/{**key}", [HttpMethods.Get, HttpMethods.Head], FollowAsync).WithOrder(int.MaxValue).ExcludeFromDescription();

    private static async Task<IResult> FollowAsync(
        HttpContext context, string? key, LinkResolver links, VisitorReader visitors, ClickRecorder clicks, TimeProvider time)
    {
        var isRoot = string.IsNullOrEmpty(key);
        if (!isRoot && ReservedKeys.Contains(key!))
        {
            return Nothing();
        }

        var domain = LinkAddress.NormalizeDomain(context.Request.Host.Host);
        if (await links.FindAsync(domain, isRoot ? Link.RootKey : key!) is not { DisabledAt: null } link)
        {
            return isRoot ? Nothing() : TypedResults.Text("There is no such link.", statusCode: StatusCodes.Status404NotFound);
        }

        // A cached redirect would be one click for many visitors.
        context.Response.Headers.CacheControl = "private, no-store";
        if (!link.DoIndex)
        {
            context.Response.Headers["X-Robots-Tag"] = "googlebot: noindex";
        }

        if (link.ExpiresAt <= time.GetUtcNow())
        {
            return link.ExpiredUrl is { } instead
                ? TypedResults.Redirect(instead)
                : TypedResults.Text("This link has expired.", statusCode: StatusCodes.Status410Gone);
        }

        return TypedResults.Redirect(await TargetAsync(context, link, visitors.Read(context), clicks), permanent: isRoot);
    }

    private static async Task<string> TargetAsync(HttpContext context, Link link, Visitor visitor, ClickRecorder clicks)
    {
        var request = context.Request;
        var target = Redirection.Choose(link, visitor, request.Query["redir_url"]);
        string? clickId = null;
        if (visitor.Counts)
        {
            var visit = new Visit(target, request.Headers.Referer, request.Query["qr"] == "1" ? ClickTrigger.Qr : ClickTrigger.Link);
            var cookie = CookieOf(link);
            clickId = await clicks.RecordInTimeAsync(link, visitor, visit, request.Cookies[cookie] is { } kept && ClickId.IsValid(kept) ? kept : null);
            context.Response.Headers.Append(
                "Set-Cookie",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{cookie}={clickId}; max-age={EventLog.VisitorMemory.TotalSeconds:0}; path={request.PathBase}{request.Path.ToUriComponent()}; samesite=lax; httponly{(request.IsHttps ? "; secure" : string.Empty)}"));
        }

        return TargetUrl.Compose(target, request.QueryString.Value, link.TrackConversion ? clickId : null);
    }

    /// <summary>Of this link alone. A key may hold what the name of a cookie may not.</summary>
    private static string CookieOf(Link link) => "dub_id_" + Uri.EscapeDataString($"{link.Domain}_{link.Key.ToLowerInvariant()}");

    private static IResult Nothing() => TypedResults.Text("Nothing is to be had here. What there is, /scalar shows.", statusCode: StatusCodes.Status404NotFound);
}
