using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;
using Dub.Clerk.Host.Network;

namespace Dub.Clerk.Host.Api;

/// <summary><c>POST /track/click</c> and <c>/track/visit</c>: what a page's script reports. Without a key, from any page whose host is allowed.</summary>
internal static class TrackClickApi
{
    private const int MaxUrl = 2000;

    public static void MapTrackClick(this IEndpointRouteBuilder open)
    {
        var group = open.MapGroup("/track").WithTags("Track").AddEndpointFilter(OpenCors.AllowAsync).RequireRateLimiting(RateLimits.Pages);
        group.MapPost("/click", ClickAsync).WithName("trackClick").WithSummary("Track a click from a page")
            .Accepts<TrackClickRequest>("application/json").Produces<TrackClickResponse>().Produces<ErrorResponse>(StatusCodes.Status403Forbidden)
            .Produces<ErrorResponse>(StatusCodes.Status404NotFound).Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
        group.MapPost("/visit", VisitAsync).WithName("trackVisit").WithSummary("Track a page view from a page")
            .Accepts<TrackVisitRequest>("application/json").Produces<TrackClickResponse>().Produces<ErrorResponse>(StatusCodes.Status403Forbidden)
            .Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        group.MapMethods("/click", [HttpMethods.Options], OpenCors.Preflight).ExcludeFromDescription();
        group.MapMethods("/visit", [HttpMethods.Options], OpenCors.Preflight).ExcludeFromDescription();
    }

    private static async Task<IResult> ClickAsync(HttpContext context, Tracking tracking, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        using (body)
        {
            if (body is null)
            {
                return unreadable!;
            }

            var (domain, key, url, referrer) = (body.Text("domain"), body.Text("key"), body.Text("url"), body.Text("referrer"));
            if (tracking.Options.TrackableDomain(domain) is not { } host)
            {
                return DubErrors.Unprocessable("invalid_type: domain: domain is required.");
            }

            return string.IsNullOrEmpty(key) ? DubErrors.Unprocessable("invalid_type: key: key is required.")
                : body.Fault ?? await tracking.RecordAsync(context, host, key, url, referrer, ClickTrigger.Link);
        }
    }

    private static async Task<IResult> VisitAsync(HttpContext context, Tracking tracking, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        using (body)
        {
            if (body is null)
            {
                return unreadable!;
            }

            var (domain, url, referrer) = (body.Text("domain"), body.Text("url"), body.Text("referrer"));
            if (tracking.Options.TrackableDomain(domain) is not { } host || string.IsNullOrEmpty(url) || !WebAddress.TryParse(url, out var page))
            {
                return DubErrors.BadRequest("Missing domain or url");
            }

            var path = Uri.UnescapeDataString(page.AbsolutePath).Trim('/');
            return body.Fault ?? await tracking.RecordAsync(context, host, path.Length == 0 ? Link.RootKey : path, url, referrer, ClickTrigger.PageView);
        }
    }

    /// <summary>What both do.</summary>
    internal sealed class Tracking(HostOptions options, LinkCache links, ClickStore clicks, ClickRecorder recorder, VisitorReader visitors)
    {
        public HostOptions Options => options;

        public async Task<IResult> RecordAsync(HttpContext context, string domain, string key, string? url, string? referrer, string trigger)
        {
            if (options.FindDomain(domain) is not { } ours || await links.FindAsync(ours, key) is not { DisabledAt: null } link)
            {
                return DubErrors.NotFound($"Link not found for domain: {domain} and key: {key}.");
            }

            // Who has clicked within the hour learns nothing new, so only a new click is a matter of who may track.
            var visitor = visitors.Read(context);
            var isOpen = visitor.Counts && options.AllowedHostnames.Count == 0;
            if (!isOpen && await clicks.FindVisitorAsync(link.Id, visitor.Hash) is { } earlier)
            {
                return Respond(earlier);
            }

            if (AllowedHostnames.Refuse(context.Request, options.AllowedHostnames) is { } refusal)
            {
                return refusal;
            }

            if (!visitor.Counts)
            {
                return Respond(Ids.NewEvent());
            }

            var page = url is { Length: <= MaxUrl } && WebAddress.TryParse(url, out var uri) && uri.Scheme is "http" or "https" ? uri.AbsoluteUri : link.Url;
            return Respond(await recorder.RecordAsync(link, visitor, new Visit(page, referrer, trigger)));
        }

        private static IResult Respond(string clickId) => new SizedJson<TrackClickResponse>(new TrackClickResponse(clickId), ApiJsonContext.Default.TrackClickResponse);
    }
}
