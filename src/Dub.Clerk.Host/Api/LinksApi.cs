using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/links</c>: short links.</summary>
internal static class LinksApi
{
    public static void MapLinks(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/links").WithTags("Links");
        group.MapPost("/", CreateAsync).WithName("createLink").WithSummary("Create a link")
            .Accepts<CreateLinkRequest>("application/json").Produces<LinkResponse>()
            .Produces<ErrorResponse>(StatusCodes.Status409Conflict).Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
        group.MapGet("/info", GetInfoAsync).WithName("getLinkInfo").WithSummary("Retrieve a link")
            .Produces<LinkResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, LinkStore links, HostOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        using var request = body;
        if (request is null)
        {
            return unreadable!;
        }

        var url = request.Text("url", maxLength: 32000, required: true);
        var domain = request.Text("domain", maxLength: 190);
        var key = request.Text("key", maxLength: 190);
        var trackConversion = request.Boolean("trackConversion");
        if (url is null || request.Fault is not null)
        {
            return request.Fault!;
        }

        if (url.Length == 0)
        {
            return DubErrors.BadRequest("Missing destination URL");
        }

        if (LinkAddress.ParseTarget(url) is not { } target)
        {
            return DubErrors.Unprocessable("Invalid destination URL");
        }

        if (options.FindDomain(domain) is not { } shortDomain)
        {
            return DubErrors.Forbidden("Domain does not belong to workspace.");
        }

        if (!string.IsNullOrEmpty(key))
        {
            if (!LinkAddress.IsValidKey(key))
            {
                return DubErrors.Unprocessable("Invalid key.");
            }

            if (ReservedKeys.Contains(key))
            {
                return DubErrors.Forbidden($"{key} is a reserved path and cannot be used as a short link.");
            }
        }

        // A random key that is taken is drawn again; one that was asked for is a conflict.
        while (true)
        {
            var now = time.GetUtcNow();
            var link = new Link
            {
                Id = Ids.NewRecord("link_", now),
                Domain = shortDomain,
                Key = string.IsNullOrEmpty(key) ? Ids.NewLinkKey(7) : key,
                Url = target,
                TrackConversion = trackConversion,
                CreatedAt = now,
                UpdatedAt = now,
            };
            if (await links.CreateAsync(link) == LinkOutcome.Written)
            {
                return Respond(context, link, default);
            }

            if (!string.IsNullOrEmpty(key))
            {
                return DubErrors.Conflict("Duplicate key: This short link already exists.");
            }
        }
    }

    private static async Task<IResult> GetInfoAsync(HttpContext context, LinkStore links, HostOptions options, string? linkId, string? domain, string? key)
    {
        var link = !string.IsNullOrEmpty(linkId) ? await links.FindByIdAsync(linkId)
            : !string.IsNullOrEmpty(key) && options.FindDomain(domain) is { } shortDomain ? await links.FindAsync(shortDomain, key)
            : null;
        return link is null ? DubErrors.NotFound("Link not found.") : Respond(context, link, await links.CountAsync(link.Id));
    }

    private static IResult Respond(HttpContext context, Link link, LinkCounters counters)
        => TypedResults.Json(new LinkResponse(link, counters, LinkAddress.ShortLink(context.Request, link)), ApiJsonContext.Default.LinkResponse);
}
