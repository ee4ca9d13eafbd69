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
        HttpContext context, EventList events, EventFields.Reader reader, LinkStore links, TimeProvider time,
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

        List<LoggedEvent> found = filter is null ? []
            : await events.ReadAsync(new EventQuery([kind], period.From, period.To, filter, order == "desc"), (pageNumber - 1) * take, cancellationToken)
                .Take(take).ToListAsync(cancellationToken);
        return TypedResults.Json(await DescribeAsync(context.Request, links, await events.DescribeAsync(found)), ApiJsonContext.Default.EventResponseArray);
    }

    public static string NameOf(EventKind kind) => kind switch { EventKind.Clicks => "click", EventKind.Leads => "lead", _ => "sale" };

    private static async Task<EventResponse[]> DescribeAsync(HttpRequest request, LinkStore links, IReadOnlyList<EventRow> rows)
    {
        var linkOf = new Dictionary<string, LinkResponse>(StringComparer.Ordinal);
        foreach (var click in rows.Select(row => row.Logged.Click).DistinctBy(click => click.LinkId))
        {
            linkOf[click.LinkId] = await DescribeLinkAsync(request, links, click);
        }

        return
        [
            .. rows.Select(row => (row.Customer, One: row.Logged)).Select(row => new EventResponse
            {
                Event = NameOf(row.One.Kind),
                Timestamp = DubTime.Format(row.One.Timestamp),
                EventId = row.One.Sale?.Id ?? row.One.Lead?.Id,
                EventName = row.One.Sale?.EventName ?? row.One.Lead?.EventName,
                Metadata = row.One.Metadata,
                Click = Describe(row.One.Click, row.One.Timestamp),
                Link = linkOf[row.One.Click.LinkId],
                Customer = row.One.CustomerHome is { } home ? Describe(home, row.Customer) : null,
                Sale = row.One.Sale is { } sale ? new EventSale(sale.Amount, sale.InvoiceId, sale.PaymentProcessor, sale.Currency) : null,
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

    public static EventClick Describe(Click click, DateTimeOffset timestamp) => new()
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

    public static EventCustomer Describe(string externalId, Customer? customer) => customer is null
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
