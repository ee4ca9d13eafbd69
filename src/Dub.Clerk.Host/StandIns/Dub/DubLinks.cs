using Dub.Clerk.Conversions;

namespace Dub.Clerk.Host.StandIns;

/// <summary><c>/links</c>, as far as attribution needs it. Every domain belongs to the workspace.</summary>
internal static class DubLinks
{
    public const string DefaultDomain = "dub.sh";

    private const int KeyLength = 7;

    public static async Task<IResult> CreateAsync(HttpRequest request, DubWorkspace workspace)
    {
        var body = await DubBody.ReadAsync(request);
        var url = body.Text("url", maxLength: 32000, nullable: false);
        var domain = body.Text("domain", maxLength: 190);
        var key = body.Text("key", maxLength: 190);
        var externalId = body.Text("externalId", maxLength: 255);
        var trackConversion = body.Boolean("trackConversion");
        if (body.Fault is { } fault)
        {
            return fault;
        }

        if (string.IsNullOrEmpty(url))
        {
            return DubReply.BadRequest("Missing destination URL");
        }

        if (!Uri.TryCreate(url.Contains("://", StringComparison.Ordinal) ? url : "https://" + url, UriKind.Absolute, out var target)
            || target.Scheme is not ("http" or "https"))
        {
            return DubReply.Unprocessable("Invalid destination URL");
        }

        lock (workspace.Gate)
        {
            domain = domain?.ToLowerInvariant() ?? DefaultDomain;
            return key is not null && workspace.FindLink(domain, key) is not null
                ? DubReply.Conflict("Duplicate key: This short link already exists.")
                : DubReply.Json(DubJson.LinkReply(workspace.AddLink(domain, key ?? Ids.NewLinkKey(KeyLength), target.AbsoluteUri, trackConversion, externalId)));
        }
    }

    public static IResult GetInfo(HttpRequest request, DubWorkspace workspace)
    {
        var query = new DubQuery(request.Query);
        var (linkId, externalId, domain) = (query.Text("linkId"), query.Text("externalId"), query.Text("domain")?.ToLowerInvariant());
        if (externalId?.StartsWith("ext_", StringComparison.Ordinal) is false)
        {
            return DubReply.BadRequest("Invalid externalId. Did you forget to prefix it with `ext_`?");
        }

        lock (workspace.Gate)
        {
            var link = linkId is not null ? workspace.Links.FirstOrDefault(link => link.Id == linkId)
                : externalId is not null ? workspace.Links.FirstOrDefault(link => link.ExternalId == externalId[4..])
                : workspace.FindLink(domain ?? string.Empty, query.Text("key") ?? "_root");
            return link is null ? DubReply.NotFound("Link not found.") : DubReply.Json(DubJson.LinkReply(link));
        }
    }
}
