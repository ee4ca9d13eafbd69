using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns;

/// <summary><c>POST /track/lead</c> in Dub's own order, traps included: the key that makes retries silent is taken before the click is looked
/// up, and a lead is recorded in the background, after the reply.</summary>
internal static class DubTrackLead
{
    /// <summary>How long a lead of mode <c>wait</c> is known before it is recorded.</summary>
    private static readonly TimeSpan LeadCache = TimeSpan.FromSeconds(300);

    public static async Task<IResult> TrackAsync(
        HttpContext context, DubWorkspace workspace, DubStandInOptions options, DubBackground background, DubWebhooks webhooks, FaultPlan faults)
    {
        var body = await DubBody.ReadAsync(context.Request);
        var call = new Call
        {
            ClickId = body.Text("clickId", trim: true) ?? string.Empty,
            EventName = body.Text("eventName", maxLength: 255, trim: true, required: true) ?? string.Empty,
            ExternalId = ExternalId(body),
            Name = body.Text("customerName", maxLength: 100),
            Email = body.Email("customerEmail"),
            Avatar = body.Text("customerAvatar"),
            Mode = body.Option("mode", "async", "wait", "deferred"),
            Quantity = body.Quantity("eventQuantity", max: 100) ?? 1,
            Metadata = body.Metadata(),
        };
        if (body.Fault is { } fault)
        {
            return fault;
        }

        if (call.ExternalId is null)
        {
            return DubReply.BadRequest("customerExternalId is required");
        }

        lock (workspace.Gate)
        {
            return Track(call, workspace, options, background, webhooks, faults, InjectedFault.Of(context));
        }
    }

    /// <summary>The first that is not empty of the field and its deprecated aliases.</summary>
    public static string? ExternalId(DubBody body, bool trim = true)
    {
        string?[] given = [body.Text("customerExternalId", trim: trim), body.Text("externalId", trim: trim), body.Text("customerId", trim: trim)];
        return Array.Find(given, text => !string.IsNullOrWhiteSpace(text));
    }

    /// <summary>Why no lead or sale can be credited to the click; null when one can.</summary>
    public static IResult? Refuse(string clickId, DubClick? click)
        => click is null ? DubReply.NotFound($"Click event not found for clickId: {clickId}") : null;

    private static IResult Track(
        Call call, DubWorkspace workspace, DubStandInOptions options, DubBackground background, DubWebhooks webhooks, FaultPlan faults, FaultKind? fault)
    {
        var customer = workspace.FindCustomer(call.ExternalId!);
        var clickId = call.ClickId.Length > 0 ? call.ClickId : customer?.Click.Id;
        if (clickId is null)
        {
            return DubReply.BadRequest(
                "The `clickId` property was not provided in the request, and no existing customer with the provided `customerExternalId` was found.");
        }

        var taken = call.Mode != "deferred" && workspace.TryTakeKey(call.ExternalId!, call.EventName);
        if (fault == FaultKind.KeyTakenThenLost)
        {
            // A key that was taken before cannot be lost again: then this is an ordinary failure.
            faults.Count(taken ? FaultKind.KeyTakenThenLost : FaultKind.ServerErrorBefore);
            return DubReply.ServerError();
        }

        if (call.Mode != "deferred" && !taken)
        {
            return Reply(call, clickId, link: null, customer);
        }

        var click = workspace.FindClick(clickId);
        if (Refuse(clickId, click) is { } refusal)
        {
            return refusal;
        }

        customer ??= workspace.AddCustomer(call.ExternalId!, call.Name, call.Email, call.Avatar, click!);
        if (taken)
        {
            if (call.Mode == "wait")
            {
                customer.CachedLeads[call.EventName] = workspace.Now + LeadCache;
            }

            if (fault == FaultKind.LeadNeverRecorded)
            {
                faults.Count(FaultKind.LeadNeverRecorded);
            }
            else
            {
                background.Run(options.RecordingDelay, () => Record(call, workspace, webhooks, customer, click!));
            }
        }

        return Reply(call, clickId, click!.Link, customer);
    }

    private static void Record(Call call, DubWorkspace workspace, DubWebhooks webhooks, DubCustomer customer, DubClick click)
    {
        lock (workspace.Gate)
        {
            webhooks.LeadCreated(workspace.AddLeads(customer, click, call.EventName, call.Metadata, call.Quantity));
        }
    }

    private static IResult Reply(Call call, string clickId, DubLink? link, DubCustomer? customer) => DubReply.Json(new JsonObject
    {
        ["click"] = new JsonObject { ["id"] = clickId },
        ["link"] = link is null ? null : DubJson.LeadLink(link),
        ["customer"] = new JsonObject
        {
            ["name"] = customer is null ? call.Name : customer.Name,
            ["email"] = customer is null ? call.Email : customer.Email,
            ["avatar"] = customer is null ? call.Avatar : customer.Avatar,
            ["externalId"] = call.ExternalId,
        },
    });

    private sealed record Call
    {
        public required string ClickId { get; init; }

        public required string EventName { get; init; }

        public required string? ExternalId { get; init; }

        public required string? Name { get; init; }

        public required string? Email { get; init; }

        public required string? Avatar { get; init; }

        public required string Mode { get; init; }

        public required int Quantity { get; init; }

        public required JsonObject? Metadata { get; init; }
    }
}
