using System.Globalization;
using System.Text;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Api;
using Dub.Clerk.Host.Dashboard.Access;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Dashboard.Live;

/// <summary><c>/dashboard/events.csv</c>: the events of a view and a period, newest first, written while they are read.</summary>
internal static class EventsCsv
{
    public const string Path = DashboardApp.Root + "/events.csv";

    /// <summary>How many are read and written together: as much as is ever in memory.</summary>
    private const int Chunk = 200;

    private static readonly string[] Columns =
    [
        "event", "timestamp", "event_id", "event_name", "click_id", "link_id", "domain", "key", "url", "customer_id", "customer_external_id",
        "sale_amount", "currency", "invoice_id", "payment_processor", "continent", "country", "region", "city", "device", "browser", "os",
        "referer", "referer_url", "trigger", "qr",
    ];

    /// <summary>For those who may see names; what comes as metadata may have them too.</summary>
    private static readonly string[] PersonalColumns = ["customer_name", "customer_email", "metadata"];

    public static void MapEventsCsv(this IEndpointRouteBuilder endpoints)
        => endpoints.MapGet(Path, WriteAsync).RequireAuthorization(DashboardAccess.Policy).ExcludeFromDescription();

    private static async Task<IResult> WriteAsync(
        HttpContext context, EventList list, EventViews views, PersonalDataRule rule, TimeProvider time, CancellationToken cancellationToken)
    {
        var fields = new QueryFields(context.Request.Query);
        fields.Option(EventView.KindField, [.. Enum.GetValues<EventKind>().Select(EventIndex.NameOf)], null);
        var view = EventView.Of(fields.Text(EventView.KindField), fields.Text(EventView.LinkField), fields.Text(EventView.UserField));
        var period = PeriodFields.Read(fields, time.GetUtcNow());
        if (fields.Fault is { } fault)
        {
            return fault;
        }

        var (filter, _) = await views.ResolveAsync(view);
        var found = filter is null ? AsyncEnumerable.Empty<LoggedEvent>() : list.ReadAsync(new EventQuery(view.Kinds, period.From, period.To, filter), 0, cancellationToken);
        await using var chunks = found.Chunk(Chunk).GetAsyncEnumerator(cancellationToken);

        // Read first: that the store is away can then still be said.
        var hasMore = await chunks.MoveNextAsync();
        var response = context.Response;
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"events-{time.GetUtcNow():yyyyMMdd-HHmmss}.csv\"");
        var withPersonal = rule.MaySee(context.User);
        try
        {
            await SendAsync(response, [Columns.Concat(withPersonal ? PersonalColumns : [])], cancellationToken);
            for (; hasMore; hasMore = await chunks.MoveNextAsync())
            {
                await SendAsync(response, (await list.DescribeAsync(chunks.Current)).Select(row => Cells(row, withPersonal)), cancellationToken);
            }
        }
        catch (StoreException)
        {
            // Broken off, so that nobody takes a part for the whole.
            context.Abort();
        }

        return TypedResults.Empty;
    }

    private static async Task SendAsync(HttpResponse response, IEnumerable<IEnumerable<string?>> rows, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.AppendJoin(',', row.Select(Csv.Cell)).Append("\r\n");
        }

        Encoding.UTF8.GetBytes(text.ToString(), response.BodyWriter);
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    private static IEnumerable<string?> Cells(EventRow row, bool withPersonal)
    {
        var one = row.Logged;
        var click = EventsApi.Describe(one.Click, one.Timestamp);
        var customer = one.CustomerHome is { } home ? EventsApi.Describe(home, row.Customer) : null;
        IEnumerable<string?> cells =
        [
            EventsApi.NameOf(one.Kind), click.Timestamp, one.Sale?.Id ?? one.Lead?.Id, one.Sale?.EventName ?? one.Lead?.EventName, click.Id,
            one.Click.LinkId, one.Click.Domain, one.Click.Key, click.Url, customer?.Id, customer?.ExternalId,
            one.Sale?.Amount.ToString(CultureInfo.InvariantCulture), one.Sale?.Currency, one.Sale?.InvoiceId, one.Sale?.PaymentProcessor,
            click.Continent, click.Country, click.Region, click.City, click.Device, click.Browser, click.Os,
            click.Referer, click.RefererUrl, click.Trigger, click.Qr ? "true" : "false",
        ];
        return withPersonal ? [.. cells, customer?.Name, customer?.Email, one.Metadata?.GetRawText()] : cells;
    }
}
