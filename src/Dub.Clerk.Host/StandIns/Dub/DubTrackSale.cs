using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;

namespace Dub.Clerk.Host.StandIns;

/// <summary><c>POST /track/sale</c>: for a customer with a lead, or directly for a click. Currencies are not converted.</summary>
internal sealed class DubTrackSale(DubWorkspace workspace, DubStandInOptions options, DubBackground background, DubWebhooks webhooks)
{
    private static readonly TimeSpan InvoiceRetention = TimeSpan.FromDays(7);
    private static readonly TimeSpan DirectLeadRetention = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, (string Reply, DateTimeOffset Until)> _invoices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _directLeads = new(StringComparer.Ordinal);

    public async Task<IResult> TrackAsync(HttpRequest request)
    {
        var body = await DubBody.ReadAsync(request);
        var externalId = DubTrackLead.ExternalId(body, trim: false);
        var call = new Call
        {
            Amount = body.Amount("amount"),
            Currency = (body.Text("currency", nullable: false) ?? "usd").ToLowerInvariant(),
            EventName = body.Text("eventName", maxLength: 255, nullable: false) ?? "Purchase",
            PaymentProcessor = body.Option("paymentProcessor", "custom", "stripe", "shopify", "polar", "paddle", "apple", "revenuecat", "dub", "lemonsqueezy"),
            InvoiceId = body.Text("invoiceId") is { Length: > 0 } invoice ? invoice : null,
            LeadEventName = body.Text("leadEventName"),
            Metadata = body.Metadata(),
            ClickId = body.Text("clickId", trim: true),
            Name = body.Text("customerName", maxLength: 100),
            Email = body.Email("customerEmail"),
            Avatar = body.Text("customerAvatar"),
        };
        if (body.Fault is { } fault)
        {
            return fault;
        }

        if (externalId is null)
        {
            return DubReply.BadRequest("customerExternalId is required");
        }

        lock (workspace.Gate)
        {
            return Track(call, externalId);
        }
    }

    public void Clear()
    {
        _invoices.Clear();
        _directLeads.Clear();
    }

    private IResult Track(Call call, string externalId)
    {
        if (call.InvoiceId is not null && _invoices.TryGetValue(call.InvoiceId, out var known) && known.Until > workspace.Now)
        {
            return DubReply.Json(JsonNode.Parse(known.Reply)!);
        }

        var customer = workspace.FindCustomer(externalId);
        if (customer is null && string.IsNullOrEmpty(call.ClickId))
        {
            return DubReply.Json(Reply(call, customer: null));
        }

        var click = customer is null ? workspace.FindClick(call.ClickId!) : FindLead(customer, call.LeadEventName);
        if (click is null)
        {
            return DubReply.NotFound(customer is null
                ? $"Click event not found for clickId: {call.ClickId}"
                : $"Lead event not found for externalId: {externalId} and leadEventName: {call.LeadEventName ?? "null"}");
        }

        if (customer is null)
        {
            customer = workspace.AddCustomer(externalId, call.Name, call.Email, call.Avatar, click);
            RecordDirectLead(call, customer, click);
        }

        var reply = Reply(call, call.Amount == 0 ? null : customer);
        if (call.Amount > 0)
        {
            background.Run(options.RecordingDelay, () => Record(call, customer, click));
            if (call.InvoiceId is not null)
            {
                _invoices[call.InvoiceId] = (reply.ToJsonString(), workspace.Now + InvoiceRetention);
            }
        }

        return DubReply.Json(reply);
    }

    /// <summary>The click of the customer's lead, as far as Dub would find the lead now.</summary>
    private DubClick? FindLead(DubCustomer customer, string? eventName)
        => customer.CachedLeads.Any(lead => (eventName is null || lead.Key == eventName) && lead.Value > workspace.Now)
            ? customer.Click
            : customer.Leads.LastOrDefault(lead => (eventName is null || lead.EventName == eventName) && workspace.IsIngested(lead.RecordedAt))?.Click;

    private void RecordDirectLead(Call call, DubCustomer customer, DubClick click)
    {
        var name = call.LeadEventName ?? "Direct sale tracking lead event";
        if (_directLeads.TryGetValue(customer.ExternalId + name, out var until) && until > workspace.Now)
        {
            return;
        }

        _directLeads[customer.ExternalId + name] = workspace.Now + DirectLeadRetention;
        webhooks.LeadCreated(workspace.AddLeads(customer, click, name, call.Metadata, quantity: 1));
    }

    private void Record(Call call, DubCustomer customer, DubClick click)
    {
        lock (workspace.Gate)
        {
            var sale = new DubSale(Ids.NewEvent(), call.EventName, customer, click, workspace.Now)
            {
                Amount = call.Amount,
                Currency = call.Currency,
                PaymentProcessor = call.PaymentProcessor,
                InvoiceId = call.InvoiceId,
                Metadata = call.Metadata,
            };

            // The webhook has the customer's numbers from before the sale.
            webhooks.SaleCreated(sale);
            workspace.AddSale(sale);
        }
    }

    private static JsonObject Reply(Call call, DubCustomer? customer) => new()
    {
        ["eventName"] = call.EventName,
        ["customer"] = customer is null ? null : new JsonObject
        {
            ["id"] = customer.Id,
            ["name"] = customer.Name,
            ["email"] = customer.Email,
            ["avatar"] = customer.Avatar,
            ["externalId"] = customer.ExternalId,
        },
        ["sale"] = customer is null ? null : new JsonObject
        {
            ["amount"] = call.Amount,
            ["currency"] = call.Currency,
            ["paymentProcessor"] = call.PaymentProcessor,
            ["invoiceId"] = call.InvoiceId,
            ["metadata"] = call.Metadata?.DeepClone(),
        },
    };

    private sealed record Call
    {
        public required long Amount { get; init; }

        public required string Currency { get; init; }

        public required string EventName { get; init; }

        public required string PaymentProcessor { get; init; }

        public required string? InvoiceId { get; init; }

        public required string? LeadEventName { get; init; }

        public required JsonObject? Metadata { get; init; }

        public required string? ClickId { get; init; }

        public required string? Name { get; init; }

        public required string? Email { get; init; }

        public required string? Avatar { get; init; }
    }
}
