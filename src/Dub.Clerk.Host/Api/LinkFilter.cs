using System.ComponentModel;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;
using Microsoft.AspNetCore.Mvc;

namespace Dub.Clerk.Host.Api;

/// <summary>Which links a list or a count is about. Described here for the API document; read by <see cref="Read"/>.</summary>
internal sealed record LinkFilter
{
    [FromQuery(Name = "domain")]
    [Description("Links on this short domain.")]
    public string? Domain { get; init; }

    [FromQuery(Name = "search")]
    [Description("Links whose short link or URL contains this, whatever the case.")]
    public string? Search { get; init; }

    [FromQuery(Name = "tenantId")]
    [Description("Links of this tenant.")]
    public string? TenantId { get; init; }

    [FromQuery(Name = "showArchived")]
    [Description("true: archived links as well.")]
    [DefaultValue("false")]
    public string? ShowArchived { get; init; }

    /// <returns>The query; null where it asks for what no link here has: tags, a folder, a user.</returns>
    public static LinkQuery? Read(QueryFields fields)
    {
        var query = new LinkQuery
        {
            Domain = fields.Text("domain") is { } domain ? LinkAddress.NormalizeDomain(domain) : null,
            TenantId = fields.Text("tenantId"),
            Search = fields.Text("search"),
            WithArchived = fields.Boolean("showArchived"),
        };
        var withTags = fields.Boolean("withTags");
        return withTags || fields.Texts("tagIds", "tagId", "tagNames").Count > 0 || fields.Has("folderId") || fields.Has("userId") ? null : query;
    }
}
