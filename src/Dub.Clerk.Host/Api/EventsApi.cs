using System.ComponentModel;
using Dub.Clerk.Analytics;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/events</c>: what happened, newest first.</summary>
internal static class EventsApi
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    public static void MapEvents(this IEndpointRouteBuilder api)
        => api.MapGet("/events", ListAsync).WithTags("Events").WithName("listEvents").WithSummary("List events, newest first")
            .Produces<EventResponse[]>().Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);

    private static async Task<IResult> ListAsync(
        HttpContext context, EventLog events, EventFields.Reader reader, LinkStore links, CustomerStore customers, TimeProvider time,
        [Description("clicks, leads or sales.")][DefaultValue("clicks")] string? @event,
        [AsParameters] PeriodFields inPeriod, [AsParameters] EventFields where,
        [Description("desc: newest first; asc: oldest first.")][DefaultValue("desc")] string? sortOrder,
        [Description("Always timestamp.")][DefaultValue("timestamp")] string? sortBy,
        [Description("Page, from 1.")][DefaultValue("1")] string? page,
        [Description("Events per page, 1 to 1000.")][DefaultValue("100")] string? limit,
        CancellationToken cancellationToken)
    {
        var fields = new QueryFields(context.Request.Query);
        var kind = fields.Option("event", ["clicks", "leads", "sales"], "clicks") switch
        {
            "clicks" => EventKind.Clicks,
            "leads" => EventKind.Leads,
            _ => EventKind.Sales,
        };
        var pageNumber = fields.Number("page", "Page", 1, int.MaxValue / MaxLimit);
        var take = fields.Number("limit", "Limit", DefaultLimit, MaxLimit);
        fields.Option("sortBy", ["timestamp"], null);
        var order = fields.Option(fields.Has("sortOrder") ? "sortOrder" : "order", ["desc", "asc"], "desc");
        var period = PeriodFields.Read(fields, time.GetUtcNow());
        var filter = await reader.ReadAsync(fields, cancellationToken);
        if (fields.Fault is { } fault)
        {
            return fault;
        }

        var skip = (pageNumber - 1) * take;
        List<LoggedEvent> found = filter is null ? []
            : filter == EventFilter.None
            ? await events.ReadAsync(kind, period.From, period.To, order == "desc", skip, cancellationToken).Take(take).ToListAsync(cancellationToken)
            : await events.ReadAsync(kind, period.From, period.To, order == "desc", cancellationToken: cancellationToken)
                .Where(filter.Matches).Skip(skip).Take(take).ToListAsync(cancellationToken);
        return TypedResults.Json(await DescribeAsync(context.Request, links, customers, found), ApiJsonContext.Default.EventResponseArray);
    }

    private static async Task<EventResponse[]> DescribeAsync(HttpRequest request, LinkStore links, CustomerStore customers, List<LoggedEvent> events)
    {
        var homes = events.Select(one => one.CustomerHome).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var known = (await customers.FindHomesAsync(homes)).ToDictionary(customer => customer.Home, StringComparer.Ordinal);
        var linkOf = new Dictionary<string, LinkResponse>(StringComparer.Ordinal);
        foreach (var click in events.Select(one => one.Click).DistinctBy(click => click.LinkId))
        {
            linkOf[click.LinkId] = await DescribeLinkAsync(request, links, click);
        }

        return
        [
            .. events.Select(one => new EventResponse
            {
                Event = one.Kind switch { EventKind.Clicks => "click", EventKind.Leads => "lead", _ => "sale" },
                Timestamp = DubTime.Format(one.Timestamp),
                EventId = one.Sale?.Id ?? one.Lead?.Id,
                EventName = one.Sale?.EventName ?? one.Lead?.EventName,
                Metadata = one.Metadata,
                Click = Describe(one.Click, one.Timestamp),
                Link = linkOf[one.Click.LinkId],
                Customer = one.CustomerHome is { } home ? Describe(home, known.GetValueOrDefault(home)) : null,
                Sale = one.Sale is { } sale ? new EventSale(sale.Amount, sale.InvoiceId, sale.PaymentProcessor, sale.Currency) : null,
            }),
        ];
    }

    private static async Task<LinkResponse> DescribeLinkAsync(HttpRequest request, LinkStore links, Click click)
    {
        // A link that is gone is shown as it was when it was clicked.
        var link = await links.FindByIdAsync(click.LinkId) ?? new Link
        {
            Id = click.LinkId,
            Domain = click.Domain,
            Key = click.Key,
            Url = click.Url,
            TrackConversion = true,
            CreatedAt = click.Timestamp,
            UpdatedAt = click.Timestamp,
        };
        return new LinkResponse(link, await links.CountAsync(link.Id), LinkAddress.ShortLink(request, link));
    }

    private static EventClick Describe(Click click, DateTimeOffset timestamp) => new()
    {
        Id = click.Id,
        Timestamp = DubTime.Format(timestamp),
        Url = click.Url,
        Country = click.Country ?? Dimensions.Unknown,
        City = click.City ?? Dimensions.Unknown,
        Region = Dimensions.RegionOf(click),
        Continent = click.Continent ?? Dimensions.Unknown,
        Device = click.Device ?? "Desktop",
        Browser = click.Browser ?? Dimensions.Unknown,
        Os = click.Os ?? Dimensions.Unknown,
        Ua = click.UserAgent ?? Dimensions.Unknown,
        Trigger = click.Trigger,
        Referer = Dimensions.RefererOf(click),
        RefererUrl = click.Referrer ?? Dimensions.Direct,
        Qr = click.Qr,
    };

    private static EventCustomer Describe(string externalId, Customer? customer) => customer is null
        ? new EventCustomer
        {
            Id = "cus_deleted",
            ExternalId = externalId,
            Name = "Deleted Customer",
            Email = "deleted@customer.com",
            Avatar = null,
            CreatedAt = DubTime.Format(DateTimeOffset.UnixEpoch),
        }
        : new EventCustomer
        {
            Id = customer.Id,
            ExternalId = customer.ExternalId,
            Name = customer.Name,
            Email = customer.Email,
            Avatar = customer.Avatar,
            Country = customer.Country,
            CreatedAt = DubTime.Format(customer.CreatedAt),
        };
}
