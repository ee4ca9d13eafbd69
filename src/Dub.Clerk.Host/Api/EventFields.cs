using System.ComponentModel;
using Dub.Clerk.Analytics;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;
using Microsoft.AspNetCore.Mvc;

namespace Dub.Clerk.Host.Api;

/// <summary>Which events are asked about. Most take several values between commas, and none of them with a <c>-</c> in front. Described here for the
/// API document; read by <see cref="Reader"/>.</summary>
internal sealed record EventFields
{
    [FromQuery(Name = "domain")]
    [Description("Links on this short domain. This and most of the following: several between commas; with a - in front, all but these.")]
    public string? Domain { get; init; }

    [FromQuery(Name = "key")]
    [Description("With domain: this link.")]
    public string? Key { get; init; }

    [FromQuery(Name = "linkId")]
    [Description("This link.")]
    public string? LinkId { get; init; }

    [FromQuery(Name = "externalId")]
    [Description("The link with this id of yours.")]
    public string? ExternalId { get; init; }

    [FromQuery(Name = "tenantId")]
    [Description("Links of this tenant.")]
    public string? TenantId { get; init; }

    [FromQuery(Name = "customerId")]
    [Description("This customer.")]
    public string? CustomerId { get; init; }

    [FromQuery(Name = "continent")]
    [Description("Two letters, such as EU.")]
    public string? Continent { get; init; }

    [FromQuery(Name = "country")]
    [Description("ISO 3166-1, two letters.")]
    public string? Country { get; init; }

    [FromQuery(Name = "region")]
    [Description("ISO 3166-2, such as US-CA.")]
    public string? Region { get; init; }

    [FromQuery(Name = "city")]
    [Description("A city.")]
    public string? City { get; init; }

    [FromQuery(Name = "device")]
    [Description("Desktop, Mobile or Tablet.")]
    public string? Device { get; init; }

    [FromQuery(Name = "browser")]
    [Description("Such as Chrome.")]
    public string? Browser { get; init; }

    [FromQuery(Name = "os")]
    [Description("Such as Android.")]
    public string? Os { get; init; }

    [FromQuery(Name = "trigger")]
    [Description("link, qr or pageview.")]
    public string? Trigger { get; init; }

    [FromQuery(Name = "referer")]
    [Description("The host the visitor came from, or (direct).")]
    public string? Referer { get; init; }

    [FromQuery(Name = "refererUrl")]
    [Description("The page the visitor came from, without its query, or (direct).")]
    public string? RefererUrl { get; init; }

    [FromQuery(Name = "url")]
    [Description("Where the visitor was sent.")]
    public string? Url { get; init; }

    [FromQuery(Name = "utm_source")]
    [Description("As the target of the link had it; so the next four.")]
    public string? UtmSource { get; init; }

    [FromQuery(Name = "utm_medium")]
    [Description("utm_medium of the target.")]
    public string? UtmMedium { get; init; }

    [FromQuery(Name = "utm_campaign")]
    [Description("utm_campaign of the target.")]
    public string? UtmCampaign { get; init; }

    [FromQuery(Name = "utm_term")]
    [Description("utm_term of the target.")]
    public string? UtmTerm { get; init; }

    [FromQuery(Name = "utm_content")]
    [Description("utm_content of the target.")]
    public string? UtmContent { get; init; }

    [FromQuery(Name = "root")]
    [Description("true: only links that are a domain itself; false: only others.")]
    public string? Root { get; init; }

    [FromQuery(Name = "saleType")]
    [Description("new: a customer's first sale by a link; recurring: later ones.")]
    public string? SaleType { get; init; }

    [FromQuery(Name = "query")]
    [Description("A condition on the metadata of leads and sales, such as metadata['plan']:pro; the operators are : = != > < >= <=.")]
    public string? Query { get; init; }

    /// <summary>Reads them.</summary>
    internal sealed class Reader(LinkStore links, LinkList linkList, CustomerStore customers)
    {
        private static readonly (string Name, Dimension Dimension)[] Plain =
        [
            ("continent", Dimension.Continent), ("country", Dimension.Country), ("region", Dimension.Region), ("city", Dimension.City),
            ("device", Dimension.Device), ("browser", Dimension.Browser), ("os", Dimension.Os), ("trigger", Dimension.Trigger),
            ("referer", Dimension.Referer), ("refererUrl", Dimension.RefererUrl), ("url", Dimension.Url), ("linkId", Dimension.Link),
            ("utm_source", Dimension.UtmSource), ("utm_medium", Dimension.UtmMedium), ("utm_campaign", Dimension.UtmCampaign),
            ("utm_term", Dimension.UtmTerm), ("utm_content", Dimension.UtmContent),
        ];

        /// <summary>What no link here has.</summary>
        private static readonly string[] Unknown = ["tagId", "tagIds", "folderId", "partnerId", "partnerTagId", "groupId", "programId"];

        /// <returns>The filter; null where it asks for what is not here.</returns>
        public async Task<EventFilter?> ReadAsync(QueryFields fields, CancellationToken cancellationToken)
        {
            var dimensions = Plain.Select(plain => Read(fields, plain.Name, plain.Dimension)).OfType<DimensionFilter>().ToList();
            var domain = Read(fields, "domain", Dimension.Domain, LinkAddress.NormalizeDomain);
            var metadata = fields.Text("query") is { } text ? MetadataCondition.Parse(text) : null;
            if (fields.Has("query") && metadata is null)
            {
                fields.Refuse("custom: query: Write it as metadata['name']:value, with one of : = != > < >= <=.");
            }

            if (fields.Has("key") && domain is not { IsNegated: false, Values.Count: 1 })
            {
                fields.Refuse("custom: key: A key needs the domain that it is on.");
            }

            var filter = new EventFilter
            {
                RootLinks = fields.Has("root") ? fields.Boolean("root") : null,
                FirstSales = fields.Option("saleType", ["new", "recurring"], null) is { } sales ? sales == "new" : null,
                Metadata = metadata is null ? [] : [metadata],
                Customer = fields.Text("customerId") is { } customer ? await customers.FindByIdAsync(customer) : null,
            };
            if (fields.Fault is not null || Unknown.Any(name => fields.Text(name) is { } values && values[0] != '-') || (fields.Has("customerId") && filter.Customer is null))
            {
                return null;
            }

            if (fields.Text("key") is { } key)
            {
                dimensions.Add(Links(await links.FindAsync(domain!.Values.First(), key) is { } link ? [link] : []));
            }
            else if (domain is not null)
            {
                dimensions.Add(domain);
            }

            if (fields.Text("externalId") is { } externalId)
            {
                const string prefix = "ext_";
                var id = externalId.StartsWith(prefix, StringComparison.Ordinal) ? externalId[prefix.Length..] : externalId;
                dimensions.Add(Links(await links.FindByExternalIdAsync(id) is { } link ? [link] : []));
            }

            if (fields.Text("tenantId") is { } tenant)
            {
                dimensions.Add(Links(await linkList.ListAsync(new LinkQuery { TenantId = tenant, WithArchived = true }, 0, LinkList.MaxRanked, cancellationToken)));
            }

            return dimensions.Any(one => one is { Values.Count: 0, IsNegated: false }) ? null : filter with { Dimensions = dimensions };
        }

        private static DimensionFilter Links(IEnumerable<Link> found)
            => new(Dimension.Link, found.Select(link => link.Id).ToHashSet(StringComparer.Ordinal));

        private static DimensionFilter? Read(QueryFields fields, string name, Dimension dimension, Func<string, string>? normalize = null)
        {
            if (fields.Text(name) is not { } text)
            {
                return null;
            }

            var isNegated = text[0] == '-';
            // An address has commas of its own.
            string[] values = dimension is Dimension.Url or Dimension.RefererUrl
                ? [text[(isNegated ? 1 : 0)..]]
                : text[(isNegated ? 1 : 0)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return new DimensionFilter(dimension, values.Select(normalize ?? (value => value)).ToHashSet(Comparer(dimension)), isNegated);
        }

        private static StringComparer Comparer(Dimension dimension) => dimension
            is Dimension.Continent or Dimension.Country or Dimension.Region or Dimension.City or Dimension.Device or Dimension.Browser or Dimension.Os or Dimension.Trigger
            ? StringComparer.OrdinalIgnoreCase
            : StringComparer.Ordinal;
    }
}
