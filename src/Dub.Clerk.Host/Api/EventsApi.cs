using System.ComponentModel;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/events</c>: what happened, newest first.</summary>
internal static class EventsApi
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const string Direct = "(direct)";

    /// <summary>The interval when none is given.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromDays(30);

    public static void MapEvents(this IEndpointRouteBuilder api)
        => api.MapGet("/events", ListAsync).WithTags("Events").WithName("listEvents").WithSummary("List events, newest first")
            .Produces<EventResponse[]>().Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);

    private static async Task<IResult> ListAsync(
        HttpContext context, EventLog events, LinkStore links, ConversionTracker conversions, TimeProvider time,
        [Description("clicks, leads or sales.")][DefaultValue("clicks")] string? @event,
        [Description("Page, from 1.")][DefaultValue("1")] string? page,
        [Description("Events per page, 1 to 1000.")][DefaultValue("100")] string? limit,
        CancellationToken cancellationToken)
    {
        var fields = new QueryFields(context.Request.Query);
        var kind = fields.Option("event", ["clicks", "leads", "sales"], "clicks");
        var pageNumber = fields.Number("page", "Page", 1, int.MaxValue / MaxLimit);
        var take = fields.Number("limit", "Limit", DefaultLimit, MaxLimit);
        if (fields.Fault is { } fault)
        {
            return fault;
        }

        var (to, skip) = (time.GetUtcNow(), (pageNumber - 1) * take);
        var linkCache = new Dictionary<string, LinkResponse>(StringComparer.Ordinal);
        switch (kind)
        {
            case "clicks":
                var clicks = await events.ListClicksAsync(to - Interval, to, skip, take, cancellationToken);
                var clickEvents = new List<EventResponse>(clicks.Count);
                foreach (var click in clicks)
                {
                    clickEvents.Add(new EventResponse
                    {
                        Event = "click",
                        Timestamp = DubTime.Format(click.Timestamp),
                        Click = Describe(click, click.Timestamp),
                        Link = await LinkAsync(click),
                    });
                }

                return TypedResults.Json(clickEvents.ToArray(), ApiJsonContext.Default.EventResponseArray);

            case "leads":
                var leads = await events.ListLeadsAsync(to - Interval, to, skip, take, cancellationToken);
                var customers = await Task.WhenAll(leads.Select(lead => conversions.FindCustomerAsync(lead.CustomerExternalId)));
                var leadEvents = new List<EventResponse>(leads.Count);
                foreach (var (lead, customer) in leads.Zip(customers))
                {
                    leadEvents.Add(new EventResponse
                    {
                        Event = "lead",
                        Timestamp = DubTime.Format(lead.Timestamp),
                        EventId = lead.Id,
                        EventName = lead.EventName,
                        Metadata = lead.Metadata,
                        Click = Describe(lead.Click, lead.Timestamp),
                        Link = await LinkAsync(lead.Click),
                        Customer = Describe(lead.CustomerExternalId, customer),
                    });
                }

                return TypedResults.Json(leadEvents.ToArray(), ApiJsonContext.Default.EventResponseArray);

            default:
                var sales = await events.ListSalesAsync(to - Interval, to, skip, take, cancellationToken);
                var buyers = await Task.WhenAll(sales.Select(sale => conversions.FindCustomerAsync(sale.CustomerExternalId)));
                var saleEvents = new List<EventResponse>(sales.Count);
                foreach (var (sale, customer) in sales.Zip(buyers))
                {
                    saleEvents.Add(new EventResponse
                    {
                        Event = "sale",
                        Timestamp = DubTime.Format(sale.Timestamp),
                        EventId = sale.Id,
                        EventName = sale.EventName,
                        Metadata = sale.Metadata,
                        Click = Describe(sale.Click, sale.Timestamp),
                        Link = await LinkAsync(sale.Click),
                        Customer = Describe(sale.CustomerExternalId, customer),
                        Sale = new EventSale(sale.Amount, sale.InvoiceId, sale.PaymentProcessor, sale.Currency),
                    });
                }

                return TypedResults.Json(saleEvents.ToArray(), ApiJsonContext.Default.EventResponseArray);
        }

        async Task<LinkResponse> LinkAsync(Click click)
        {
            if (!linkCache.TryGetValue(click.LinkId, out var response))
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
                response = new LinkResponse(link, await links.CountAsync(link.Id), LinkAddress.ShortLink(context.Request, link));
                linkCache[click.LinkId] = response;
            }

            return response;
        }
    }

    private static EventClick Describe(Click click, DateTimeOffset timestamp) => new()
    {
        Id = click.Id,
        Timestamp = DubTime.Format(timestamp),
        Url = click.Url,
        Country = click.Country ?? EventClick.Unknown,
        City = click.City ?? EventClick.Unknown,
        Region = click.Region is null ? EventClick.Unknown : click.Country is null || click.Region.StartsWith(click.Country + "-", StringComparison.Ordinal) ? click.Region : $"{click.Country}-{click.Region}",
        Continent = click.Continent ?? EventClick.Unknown,
        Device = click.Device ?? "Desktop",
        Browser = click.Browser ?? EventClick.Unknown,
        Os = click.Os ?? EventClick.Unknown,
        Ua = click.UserAgent ?? EventClick.Unknown,
        Trigger = click.Trigger,
        Referer = Uri.TryCreate(click.Referrer, UriKind.Absolute, out var referrer) ? referrer.Host : Direct,
        RefererUrl = click.Referrer ?? Direct,
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
