using System.ComponentModel;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/links</c>: short links, one by one. Lists are in <see cref="LinkListApi"/>, many at once in <see cref="BulkLinksApi"/>.</summary>
internal static class LinksApi
{
    private const string LinkId = "The link's id, or ext_ and your own id of it.";

    public static void MapLinks(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/links").WithTags("Links");
        group.MapPost("/", CreateAsync).WithName("createLink").WithSummary("Create a link")
            .Accepts<CreateLinkRequest>("application/json").Produces<FullLinkResponse>()
            .Produces<ErrorResponse>(StatusCodes.Status409Conflict).Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
        group.MapPut("/upsert", UpsertAsync).WithName("upsertLink").WithSummary("Change the link to a URL, or create it")
            .Accepts<CreateLinkRequest>("application/json").Produces<FullLinkResponse>()
            .Produces<ErrorResponse>(StatusCodes.Status409Conflict).Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
        group.MapGet("/info", GetInfoAsync).WithName("getLinkInfo").WithSummary("Retrieve a link by its id, your id, or its domain and key")
            .Produces<FullLinkResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        group.MapGet("/{linkId}", GetAsync).WithName("getLink").WithSummary("Retrieve a link by its id, or ext_ and your id")
            .Produces<FullLinkResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        group.MapPatch("/{linkId}", UpdateAsync).WithName("updateLink").WithSummary("Change a link")
            .Accepts<UpdateLinkRequest>("application/json").Produces<FullLinkResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound)
            .Produces<ErrorResponse>(StatusCodes.Status409Conflict).Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
        group.MapPut("/{linkId}", UpdateAsync).WithName("replaceLink").WithSummary("Change a link; the same as PATCH")
            .Accepts<UpdateLinkRequest>("application/json").Produces<FullLinkResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound)
            .Produces<ErrorResponse>(StatusCodes.Status409Conflict).Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
        group.MapDelete("/{linkId}", DeleteAsync).WithName("deleteLink").WithSummary("Delete a link; its clicks and leads stay")
            .Produces<DeletedLinkResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        group.MapLinkLists();
        group.MapBulkLinks();
    }

    private static async Task<IResult> CreateAsync(HttpContext context, LinkWriter writer, HostOptions options, CancellationToken cancellationToken)
    {
        var (input, fault) = await ReadAsync(context, options, isNew: true, cancellationToken);
        return fault ?? Respond(context, await writer.CreateAsync(input!), default);
    }

    private static async Task<IResult> UpsertAsync(
        HttpContext context, LinkWriter writer, LinkStore links, HostOptions options, CancellationToken cancellationToken)
    {
        var (input, fault) = await ReadAsync(context, options, isNew: true, cancellationToken);
        return fault ?? await RespondAsync(context, links, await writer.UpsertAsync(input!, cancellationToken));
    }

    private static async Task<IResult> GetInfoAsync(
        HttpContext context, LinkStore links, HostOptions options,
        [Description("The link's id.")] string? linkId,
        [Description("ext_ and your own id of the link.")] string? externalId,
        [Description("The short domain; alone, its own link.")] string? domain,
        [Description("The part after the domain.")] string? key)
    {
        const string Prefix = "ext_";
        if (!string.IsNullOrEmpty(externalId) && string.IsNullOrEmpty(linkId))
        {
            return externalId.StartsWith(Prefix, StringComparison.Ordinal)
                ? await RespondAsync(context, links, await links.FindByExternalIdAsync(externalId[Prefix.Length..]))
                : DubErrors.BadRequest("Invalid externalId. Did you forget to prefix it with `ext_`?");
        }

        var link = !string.IsNullOrEmpty(linkId) ? await links.FindByIdAsync(linkId)
            : !string.IsNullOrEmpty(domain) && options.FindDomain(domain) is { } shortDomain
                ? await links.FindAsync(shortDomain, string.IsNullOrEmpty(key) ? Link.RootKey : key)
                : null;
        return await RespondAsync(context, links, link);
    }

    private static async Task<IResult> GetAsync(HttpContext context, LinkWriter writer, LinkStore links, [Description(LinkId)] string linkId)
        => await RespondAsync(context, links, await writer.FindAsync(RouteId.Decode(linkId)));

    private static async Task<IResult> UpdateAsync(
        HttpContext context, LinkWriter writer, LinkStore links, HostOptions options, [Description(LinkId)] string linkId, CancellationToken cancellationToken)
    {
        if (await writer.FindAsync(RouteId.Decode(linkId)) is not { } link)
        {
            return DubErrors.NotFound("Link not found.");
        }

        var (input, fault) = await ReadAsync(context, options, isNew: false, cancellationToken);
        return fault ?? await RespondAsync(context, links, await writer.UpdateAsync(link.Id, input!));
    }

    private static async Task<IResult> DeleteAsync(LinkWriter writer, LinkStore links, [Description(LinkId)] string linkId)
        => await writer.FindAsync(RouteId.Decode(linkId)) is { } link && await links.DeleteAsync(link.Id)
            ? TypedResults.Json(new DeletedLinkResponse(link.Id), ApiJsonContext.Default.DeletedLinkResponse)
            : DubErrors.NotFound("Link not found.");

    private static async Task<(LinkInput? Input, DubFault? Fault)> ReadAsync(
        HttpContext context, HostOptions options, bool isNew, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        using (body)
        {
            return body is null ? (null, unreadable) : LinkInput.Read(body, options, isNew);
        }
    }

    private static async Task<IResult> RespondAsync(HttpContext context, LinkStore links, (Link? Link, DubFault? Fault) result)
        => result.Fault ?? await RespondAsync(context, links, result.Link);

    private static async Task<IResult> RespondAsync(HttpContext context, LinkStore links, Link? link)
        => link is null ? DubErrors.NotFound("Link not found.") : Respond(context, (link, null), await links.CountAsync(link.Id));

    private static IResult Respond(HttpContext context, (Link? Link, DubFault? Fault) result, LinkCounters counters)
        => (IResult?)result.Fault ?? TypedResults.Json(
            new FullLinkResponse(result.Link!, counters, LinkAddress.ShortLink(context.Request, result.Link!)), ApiJsonContext.Default.FullLinkResponse);
}
