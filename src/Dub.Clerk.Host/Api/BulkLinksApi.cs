using System.ComponentModel;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/links/bulk</c>: up to a hundred links at once. Each is created or changed on its own, and says so.</summary>
internal static class BulkLinksApi
{
    private const int Max = 100;

    public static void MapBulkLinks(this RouteGroupBuilder group)
    {
        group.MapPost("/bulk", CreateAsync).WithName("bulkCreateLinks").WithSummary("Create up to 100 links; for each the link, or the error")
            .Accepts<CreateLinkRequest[]>("application/json").Produces<FullLinkResponse[]>().Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
        group.MapPatch("/bulk", UpdateAsync).WithName("bulkUpdateLinks").WithSummary("Change up to 100 links")
            .Accepts<UpdateLinksRequest>("application/json").Produces<FullLinkResponse[]>().Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
        group.MapDelete("/bulk", DeleteAsync).WithName("bulkDeleteLinks").WithSummary("Delete up to 100 links; ids of none are ignored")
            .Produces<DeletedLinksResponse>().Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, LinkWriter writer, HostOptions options, CancellationToken cancellationToken)
    {
        var (document, items, fault) = await JsonBody.ReadListAsync(context.Request, Max, cancellationToken);
        using (document)
        {
            if (fault is not null)
            {
                return fault;
            }

            var answers = new List<object>(items.Count);
            foreach (var item in items)
            {
                var (input, refused) = LinkInput.Read(item, options, isNew: true);
                var (link, failed) = refused is null ? await writer.CreateAsync(input!) : (null, refused);
                answers.Add(link is not null
                    ? new FullLinkResponse(link, default, LinkAddress.ShortLink(context.Request, link))
                    : new LinkErrorResponse(failed!.Message, failed.Code, new LinkErrorSubject(item.Text("url"), item.Text("domain"), item.Text("key"))));
            }

            return TypedResults.Json(answers, ApiJsonContext.Default.IReadOnlyListObject);
        }
    }

    private static async Task<IResult> UpdateAsync(
        HttpContext context, LinkWriter writer, LinkStore links, HostOptions options, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        using (body)
        {
            if (body is null)
            {
                return unreadable!;
            }

            var (byId, byExternalId, data) = (body.Texts("linkIds"), body.Texts("externalIds"), body.Object("data"));
            if (body.Fault is { } fault)
            {
                return fault;
            }

            if (CheckCount(byId.Count + byExternalId.Count) is { } wrong)
            {
                return wrong;
            }

            var (input, refused) = LinkInput.Read(data!, options, isNew: false, isMany: true);
            if (refused is not null)
            {
                return refused;
            }

            var found = await Task.WhenAll(byId.Select(links.FindByIdAsync).Concat(byExternalId.Select(id =>
                writer.FindAsync(id.StartsWith("ext_", StringComparison.Ordinal) ? id : "ext_" + id))));
            var missing = byId.Concat(byExternalId).Where((_, i) => found[i] is null).ToList();
            if (missing.Count > 0)
            {
                return DubErrors.Unprocessable($"Invalid {(byId.Count > 0 ? "linkIds" : "externalIds")} detected: {string.Join(", ", missing)}");
            }

            var answers = new List<FullLinkResponse>(found.Length);
            foreach (var id in found.Select(link => link!.Id).Distinct(StringComparer.Ordinal))
            {
                // One that was deleted meanwhile is left out.
                if ((await writer.UpdateAsync(id, input!)).Link is { } link)
                {
                    answers.Add(new FullLinkResponse(link, await links.CountAsync(id), LinkAddress.ShortLink(context.Request, link)));
                }
            }

            return TypedResults.Json(answers.ToArray(), ApiJsonContext.Default.FullLinkResponseArray);
        }
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext context, LinkStore links, [Description("Which: ids between commas.")] string? linkIds)
    {
        var ids = new QueryFields(context.Request.Query).Texts("linkIds").Distinct(StringComparer.Ordinal).ToList();
        if (CheckCount(ids.Count) is { } wrong)
        {
            return wrong;
        }

        var deleted = await Task.WhenAll(ids.Select(links.DeleteAsync));
        return TypedResults.Json(new DeletedLinksResponse(deleted.Count(gone => gone)), ApiJsonContext.Default.DeletedLinksResponse);
    }

    private static DubFault? CheckCount(int count)
        => count == 0 ? DubErrors.Unprocessable("too_small: linkIds: Too small: expected array to have >=1 items")
            : count > Max ? DubErrors.Unprocessable($"too_big: linkIds: Too big: expected array to have <={Max} items")
            : null;
}
