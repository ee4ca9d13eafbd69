using System.ComponentModel;
using System.Globalization;
using Dub.Clerk.Analytics;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/analytics</c>: how much happened.</summary>
internal static class AnalyticsApi
{
    private const int MaxRows = 5000;
    private const string Every = "*";

    private static readonly string[] Events = ["clicks", "leads", "sales", "composite"];

    /// <summary>Groups that nothing here belongs to.</summary>
    private static readonly string[] EmptyGroups = ["top_folders", "top_link_tags", "top_partners", "top_groups", "top_partner_tags"];

    private static readonly Dictionary<string, Dimension> Groups = new(StringComparer.Ordinal)
    {
        ["continents"] = Dimension.Continent,
        ["countries"] = Dimension.Country,
        ["regions"] = Dimension.Region,
        ["cities"] = Dimension.City,
        ["devices"] = Dimension.Device,
        ["browsers"] = Dimension.Browser,
        ["os"] = Dimension.Os,
        ["trigger"] = Dimension.Trigger,
        ["triggers"] = Dimension.Trigger,
        ["referers"] = Dimension.Referer,
        ["referer_urls"] = Dimension.RefererUrl,
        ["top_domains"] = Dimension.Domain,
        ["top_links"] = Dimension.Link,
        ["top_urls"] = Dimension.Url,
        ["top_base_urls"] = Dimension.BaseUrl,
        ["utm_sources"] = Dimension.UtmSource,
        ["utm_mediums"] = Dimension.UtmMedium,
        ["utm_campaigns"] = Dimension.UtmCampaign,
        ["utm_terms"] = Dimension.UtmTerm,
        ["utm_contents"] = Dimension.UtmContent,
    };

    private static readonly string[] GroupNames = ["count", "timeseries", .. Groups.Keys, .. EmptyGroups];

    public static void MapAnalytics(this IEndpointRouteBuilder api)
    {
        api.MapGet("/analytics", RetrieveAsync).WithTags("Analytics").WithName("retrieveAnalytics")
            .WithSummary("Count clicks, leads and sales").WithDescription("With groupBy=count the answer is one object, else an array.")
            .Produces<AnalyticsResponse[]>().Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);

        // As older versions of Dub's API had it.
        api.MapGet("/analytics/{event}/{groupBy?}", RetrieveByPathAsync).ExcludeFromDescription();
    }

    private static Task<IResult> RetrieveAsync(
        HttpContext context, AnalyticsService analytics, EventFields.Reader reader, LinkStore links, TimeProvider time,
        [Description("clicks, leads, sales, or composite for all of them.")][DefaultValue("clicks")] string? @event,
        [Description("count, timeseries, or what to group by: continents, countries, regions, cities, devices, browsers, os, triggers, referers, referer_urls, top_links, top_domains, top_urls, top_base_urls, utm_sources, utm_mediums, utm_campaigns, utm_terms, utm_contents.")][DefaultValue("count")] string? groupBy,
        [AsParameters] PeriodFields period, [AsParameters] EventFields filter,
        CancellationToken cancellationToken)
        => AnswerAsync(context, analytics, reader, links, time, new QueryFields(context.Request.Query), cancellationToken);

    private static async Task<IResult> RetrieveByPathAsync(
        HttpContext context, AnalyticsService analytics, EventFields.Reader reader, LinkStore links, TimeProvider time, string @event, string? groupBy,
        CancellationToken cancellationToken)
    {
        var query = context.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        (query["event"], query["groupBy"]) = (@event, groupBy ?? "count");
        var answer = await AnswerAsync(context, analytics, reader, links, time, new QueryFields(new QueryCollection(query)), cancellationToken);
        return answer is IValueHttpResult { Value: AnalyticsResponse count }
            ? TypedResults.Json(@event switch { "leads" => count.Leads, "sales" => count.Sales, _ => count.Clicks }, ApiJsonContext.Default.Int64)
            : answer;
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext context, AnalyticsService analytics, EventFields.Reader reader, LinkStore links, TimeProvider time, QueryFields fields,
        CancellationToken cancellationToken)
    {
        var @event = fields.Option("event", Events, "clicks");
        var groupBy = fields.Option("groupBy", GroupNames, "count")!;
        var period = PeriodFields.Read(fields, time.GetUtcNow());
        var filter = await reader.ReadAsync(fields, cancellationToken);
        if (fields.Fault is { } fault)
        {
            return fault;
        }

        EventKind[] kinds = @event switch
        {
            "clicks" => [EventKind.Clicks],
            "leads" => [EventKind.Leads],
            "sales" => [EventKind.Sales],
            _ => [EventKind.Clicks, EventKind.Leads, EventKind.Sales],
        };
        var isAll = fields.Text("interval") == "all" && !fields.Has("start") && !fields.Has("end");
        switch (groupBy)
        {
            case "count":
                var count = filter is null ? default
                    : isAll && OnlyLink(filter) is { } link ? (await CountersAsync(links, link)).Only(kinds)
                    : await analytics.CountAsync(period, kinds, filter, cancellationToken);
                return TypedResults.Json(Row(count), ApiJsonContext.Default.AnalyticsResponse);

            case "timeseries":
                var parts = filter is null ? new Totals[period.Starts.Count] : await analytics.ByPartAsync(period, kinds, filter, cancellationToken);
                var rows = period.Starts.Zip(parts, (start, totals) => Row(totals) with { Start = FormatStart(start) });
                return Json(isAll ? rows.SkipWhile((row, at) => parts[at] == default) : rows);

            default:
                var values = filter is null || !Groups.TryGetValue(groupBy, out var dimension)
                    ? []
                    : Sort(await analytics.ByValueAsync(dimension, period, kinds, filter, cancellationToken), kinds);
                return groupBy == "top_links"
                    ? TypedResults.Json(await TopLinksAsync(context.Request, links, values), ApiJsonContext.Default.TopLinkResponseArray)
                    : Json(values.Select(value => Row(value.Value, groupBy, value.Key)));
        }
    }

    private static string? OnlyLink(EventFilter filter)
        => filter is { IsOfDimensions: true, Dimensions: [{ Dimension: Dimension.Link, IsNegated: false, Values.Count: 1 } one] } ? one.Values.First() : null;

    /// <summary>A link's counters know also what is older than the log.</summary>
    private static async Task<Totals> CountersAsync(LinkStore links, string linkId)
    {
        var counters = await links.CountAsync(linkId);
        return new Totals(counters.Clicks, counters.Leads, counters.Sales, counters.SaleAmount);
    }

    private static List<KeyValuePair<string, Totals>> Sort(IReadOnlyDictionary<string, Totals> values, EventKind[] kinds) =>
    [
        .. values.Where(value => value.Key is not ("" or Dimensions.Unknown))
            .OrderByDescending(value => kinds[0] switch { EventKind.Leads => value.Value.Leads, EventKind.Sales => value.Value.Sales, _ => value.Value.Clicks })
            .ThenByDescending(value => value.Value.Leads).ThenByDescending(value => value.Value.Sales).ThenBy(value => value.Key, StringComparer.Ordinal)
            .Take(MaxRows),
    ];

    private static async Task<TopLinkResponse[]> TopLinksAsync(HttpRequest request, LinkStore links, List<KeyValuePair<string, Totals>> values)
    {
        var found = (await links.FindAsync(values.Select(value => value.Key))).ToDictionary(link => link.Id, StringComparer.Ordinal);
        return
        [
            .. values.Where(value => found.ContainsKey(value.Key)).Select(value =>
            {
                var (link, totals) = (found[value.Key], value.Value);
                return new TopLinkResponse
                {
                    Id = link.Id,
                    Domain = link.Domain,
                    Key = link.Key,
                    ShortLink = LinkAddress.ShortLink(request, link),
                    Url = link.Url,
                    Title = link.Title,
                    Comments = link.Comments,
                    CreatedAt = DubTime.Format(link.CreatedAt),
                    Clicks = totals.Clicks,
                    Leads = totals.Leads,
                    Sales = totals.Sales,
                    SaleAmount = totals.SaleAmount,
                };
            }),
        ];
    }

    private static AnalyticsResponse Row(Totals totals)
        => new() { Clicks = totals.Clicks, Leads = totals.Leads, Sales = totals.Sales, SaleAmount = totals.SaleAmount };

    private static AnalyticsResponse Row(Totals totals, string group, string value)
    {
        var row = Row(totals);
        var place = value.Split(Dimensions.Separator);
        return group switch
        {
            "continents" => row with { Continent = value },
            "countries" => row with { Country = value, Region = Every, City = Every },
            "regions" => row with { Country = value.Split('-')[0], Region = value, City = Every },
            "cities" => row with { Country = place[0], Region = place[1], City = place[2] },
            "devices" => row with { Device = value },
            "browsers" => row with { Browser = value },
            "os" => row with { Os = value },
            "trigger" or "triggers" => row with { Trigger = value },
            "referers" => row with { Referer = value },
            "referer_urls" => row with { RefererUrl = value },
            "top_domains" => row with { Domain = value },
            "utm_sources" => row with { UtmSource = value },
            "utm_mediums" => row with { UtmMedium = value },
            "utm_campaigns" => row with { UtmCampaign = value },
            "utm_terms" => row with { UtmTerm = value },
            "utm_contents" => row with { UtmContent = value },
            _ => row with { Url = value },
        };
    }

    /// <summary>Such as <c>2024-05-22T00:00:00.000+0200</c>.</summary>
    private static string FormatStart(DateTimeOffset start)
        => start.ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture) + start.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", string.Empty, StringComparison.Ordinal);

    private static IResult Json(IEnumerable<AnalyticsResponse> rows) => TypedResults.Json(rows.ToArray(), ApiJsonContext.Default.AnalyticsResponseArray);
}
