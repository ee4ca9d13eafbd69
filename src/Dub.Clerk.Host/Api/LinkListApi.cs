using System.ComponentModel;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary><c>GET /links</c> and <c>/links/count</c>.</summary>
internal static class LinkListApi
{
    public static void MapLinkLists(this RouteGroupBuilder group)
    {
        group.MapGet("/", ListAsync).WithName("getLinks").WithSummary("List links, newest first")
            .Produces<FullLinkResponse[]>().Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
        group.MapGet("/count", CountAsync).WithName("getLinksCount").WithSummary("Count links: a number, or one for each domain")
            .Produces<long>().Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, LinkStore links, LinkList list, [AsParameters] LinkFilter filter,
        [Description("createdAt, clicks, saleAmount or lastClicked; always the highest first.")][DefaultValue("createdAt")] string? sortBy,
        [Description("Page, 1 to 1000.")][DefaultValue("1")] string? page,
        [Description("Links per page, 1 to 100.")][DefaultValue("100")] string? pageSize,
        [Description("Instead of a page: the id of a link, to list those after it.")] string? startingAfter,
        [Description("Instead of a page: the id of a link, to list those before it.")] string? endingBefore,
        CancellationToken cancellationToken)
    {
        var fields = new QueryFields(context.Request.Query);
        var query = LinkFilter.Read(fields);
        var order = fields.Option("sortBy", ["createdAt", "clicks", "saleAmount", "lastClicked"], "createdAt");
        var number = fields.Number("page", "Page", 1, int.MaxValue);
        var take = fields.Number("pageSize", "Page size", Paging.MaxPageSize, Paging.MaxPageSize);
        if ((fields.Fault ?? Paging.Check(fields, order!, number)) is { } fault)
        {
            return fault;
        }

        if (query is null)
        {
            return await RespondAsync(context, links, []);
        }

        if ((fields.Text("startingAfter") ?? fields.Text("endingBefore")) is { } cursor)
        {
            return await links.FindByIdAsync(cursor) is null
                ? DubErrors.Unprocessable("Invalid cursor: the provided ID does not exist.")
                : await RespondAsync(context, links, await list.ListNextToAsync(query, cursor, newer: fields.Has("endingBefore"), take, cancellationToken));
        }

        var skip = (number - 1) * take;
        if (order == "createdAt")
        {
            return await RespondAsync(context, links, await list.ListAsync(query, skip, take, cancellationToken));
        }

        var ranked = await list.ListByAsync(query, counters => Rank(counters, order!), skip, take, cancellationToken);
        return ranked is null
            ? DubErrors.Unprocessable($"custom: sortBy: More than {LinkList.MaxRanked} links match. Name a domain or a tenantId.")
            : await RespondAsync(context, links, ranked);
    }

    private static async Task<IResult> CountAsync(
        HttpContext context, LinkList list, [AsParameters] LinkFilter filter,
        [Description("domain: one count for each.")] string? groupBy, CancellationToken cancellationToken)
    {
        var fields = new QueryFields(context.Request.Query);
        var query = LinkFilter.Read(fields);
        var group = fields.Option("groupBy", ["domain", "tagId", "userId", "folderId"], null);
        if (fields.Fault is { } fault)
        {
            return fault;
        }

        if (group is not null)
        {
            // No link has a tag, a user or a folder.
            var domains = group == "domain" && query is not null ? await list.CountByDomainAsync(query, cancellationToken) : [];
            return TypedResults.Json(
                domains.Select(domain => new LinkGroupResponse { Domain = domain.Domain, Count = domain.Count }).ToArray(),
                ApiJsonContext.Default.LinkGroupResponseArray);
        }

        return TypedResults.Json(query is null ? 0 : await list.CountAsync(query, cancellationToken), ApiJsonContext.Default.Int64);
    }

    private static long Rank(LinkCounters counters, string order) => order switch
    {
        "clicks" => counters.Clicks,
        "lastClicked" => counters.LastClicked?.ToUnixTimeMilliseconds() ?? 0,
        "saleAmount" => counters.SaleAmount,
        _ => 0,
    };

    private static async Task<IResult> RespondAsync(HttpContext context, LinkStore links, IReadOnlyList<Link> found)
    {
        var counters = await Task.WhenAll(found.Select(link => links.CountAsync(link.Id)));
        return TypedResults.Json(
            found.Zip(counters, (link, count) => new FullLinkResponse(link, count, LinkAddress.ShortLink(context.Request, link))).ToArray(),
            ApiJsonContext.Default.FullLinkResponseArray);
    }
}
