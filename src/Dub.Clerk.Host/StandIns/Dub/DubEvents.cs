using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns;

/// <summary><c>GET /events</c>: what was recorded and has been ingested since.</summary>
internal static class DubEvents
{
    /// <summary>What is listed when no time is given: what is older does not show.</summary>
    private const string DefaultInterval = "30d";

    public static IResult List(HttpRequest request, DubWorkspace workspace)
    {
        var query = new DubQuery(request.Query);
        var kind = query.Option("event", "clicks", "leads", "sales");
        var page = query.Number("page", 1, int.MaxValue / 1000);
        var limit = query.Number("limit", 100, 1000);
        var descending = query.Option("sortOrder", "desc", "asc") == "desc";
        var interval = query.Option("interval", DefaultInterval, "24h", "7d", "90d", "1y", "all");
        var (start, end) = (query.Time("start"), query.Time("end"));
        if (query.Fault is { } fault)
        {
            return fault;
        }

        lock (workspace.Gate)
        {
            var to = end ?? workspace.Now;
            var from = start ?? (interval == "all" ? DateTimeOffset.MinValue : to - Length(interval));
            var events = Matching(kind, query, workspace)
                .Where(item => item.At >= from && item.At <= to && workspace.IsIngested(item.At))
                .OrderBy(item => item.At);
            return DubQuery.Write((descending ? events.Reverse() : events).Skip((page - 1) * limit).Take(limit), item => item.Write());
        }
    }

    private static IEnumerable<(DateTimeOffset At, Func<JsonNode> Write)> Matching(string kind, DubQuery query, DubWorkspace workspace)
    {
        var customers = query.Text("customerId")?.Split(',');
        var links = query.Text("linkId")?.Split(',');
        return kind switch
        {
            // A click is nobody's yet.
            "clicks" => (customers is null ? workspace.Clicks : []).Where(click => IsAmong(links, click.Link.Id))
                .Select(click => Item(click.Timestamp, () => DubJson.ClickEvent(click))),
            "leads" => (customers is null ? workspace.Leads : customers.SelectMany(id => workspace.FindCustomerById(id)?.Leads ?? []))
                .Where(lead => IsAmong(links, lead.Click.Link.Id))
                .Select(lead => Item(lead.RecordedAt, () => DubJson.LeadEvent(lead))),
            _ => workspace.Sales.Where(sale => IsAmong(customers, sale.Customer.Id) && IsAmong(links, sale.Click.Link.Id))
                .Select(sale => Item(sale.RecordedAt, () => DubJson.SaleEvent(sale))),
        };

        static (DateTimeOffset At, Func<JsonNode> Write) Item(DateTimeOffset at, Func<JsonNode> write) => (at, write);
    }

    private static bool IsAmong(string[]? ids, string id) => ids is null || ids.Contains(id, StringComparer.Ordinal);

    private static TimeSpan Length(string interval) => interval switch
    {
        "24h" => TimeSpan.FromDays(1),
        "7d" => TimeSpan.FromDays(7),
        "90d" => TimeSpan.FromDays(90),
        "1y" => TimeSpan.FromDays(365),
        _ => TimeSpan.FromDays(30),
    };
}
