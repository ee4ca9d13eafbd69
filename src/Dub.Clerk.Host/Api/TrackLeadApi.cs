using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary><c>POST /track/lead</c> with the API key, and <c>/track/lead/client</c> with the publishable one: Dub's words around
/// <see cref="IConversions.TrackLeadAsync"/>.</summary>
internal static class TrackLeadApi
{
    private const int MaxClientId = 100;

    public static void MapTrackLead(this IEndpointRouteBuilder keyed)
        => keyed.MapPost("/track/lead", (HttpContext context, ConversionService conversions, CancellationToken cancellationToken) =>
                TrackAsync(context, conversions, isClient: false, cancellationToken))
            .WithTags("Track").WithName("trackLead").WithSummary("Track a lead")
            .Accepts<TrackLeadRequest>("application/json").Produces<TrackLeadResponse>().Produces<ErrorResponse>(StatusCodes.Status400BadRequest)
            .Produces<ErrorResponse>(StatusCodes.Status404NotFound).Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);

    public static void MapTrackLeadClient(this IEndpointRouteBuilder published)
        => published.MapPost("/lead/client", (HttpContext context, ConversionService conversions, CancellationToken cancellationToken) =>
                TrackAsync(context, conversions, isClient: true, cancellationToken))
            .WithName("trackLeadClient").WithSummary("Track a lead from a page")
            .Accepts<TrackLeadRequest>("application/json").Produces<TrackLeadResponse>().Produces<ErrorResponse>(StatusCodes.Status403Forbidden)
            .Produces<ErrorResponse>(StatusCodes.Status404NotFound).Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);

    /// <summary>The first that is not blank of the field and the names it had before; from a page only the field.</summary>
    public static string? ReadExternalId(JsonBody body, bool isClient, bool trim = true)
    {
        if (isClient)
        {
            return body.Filled("customerExternalId", MaxClientId, "Too small: expected string to have >=1 characters");
        }

        string?[] given = [body.Text("customerExternalId"), body.Text("externalId"), body.Text("customerId")];
        var id = Array.Find(given, text => !string.IsNullOrWhiteSpace(text));
        return trim ? id?.Trim() : id;
    }

    private static async Task<IResult> TrackAsync(HttpContext context, ConversionService conversions, bool isClient, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        using (body)
        {
            if (body is null)
            {
                return unreadable!;
            }

            var clickId = (isClient ? body.Text("clickId", required: true) : body.Text("clickId"))?.Trim();
            var eventName = body.Filled("eventName", ConversionLimits.EventName, "eventName is required");
            var externalId = ReadExternalId(body, isClient);
            var (name, email, avatar) = (body.Text("customerName", Profile.MaxLength), body.Email("customerEmail"), body.Text("customerAvatar"));
            var mode = body.Option("mode", "async", "async", "wait", "deferred");
            var quantity = body.Quantity("eventQuantity", ConversionLimits.Quantity) ?? 1;
            var metadata = body.Metadata();
            if (body.Fault is { } fault)
            {
                return fault;
            }

            if (externalId is null)
            {
                return DubErrors.BadRequest("customerExternalId is required");
            }

            var lead = new Lead
            {
                CustomerExternalId = externalId,
                EventName = eventName!,
                ClickId = clickId,
                IsDeferred = mode == "deferred",
                Quantity = quantity,
                CustomerName = name,
                CustomerEmail = email,
                CustomerAvatar = avatar,
                Metadata = metadata,
            };
            return Respond(context, lead, await conversions.TrackLeadAsync(lead, mayAskDub: !isClient, cancellationToken));
        }
    }

    private static IResult Respond(HttpContext context, Lead lead, LeadResult result) => result.Outcome switch
    {
        ConversionOutcome.UnknownCustomer => DubErrors.BadRequest(
            "The `clickId` property was not provided in the request, and no existing customer with the provided `customerExternalId` was found."),
        ConversionOutcome.UnknownClick => DubErrors.NotFound($"Click event not found for clickId: {result.ClickId}"),
        ConversionOutcome.UnknownLink => DubErrors.NotFound($"Link not found for clickId: {result.ClickId}"),
        ConversionOutcome.DisabledLink => DubErrors.NotFound($"Link {result.LinkId} for clickId {result.ClickId} is disabled, lead not tracked"),
        ConversionOutcome.ErasedCustomer => DubErrors.ErasedCustomer,
        ConversionOutcome.DubAway => DubErrors.DubAway,
        _ => new SizedJson<TrackLeadResponse>(
            new TrackLeadResponse(
                new LeadClick(result.ClickId!),
                result.Click is { } click ? Describe(context, click, result.Link) : null,
                result.Customer is { } customer
                    ? new LeadCustomer(customer.Name, customer.Email, customer.Avatar, customer.ExternalId)
                    : new LeadCustomer(lead.CustomerName, lead.CustomerEmail, lead.CustomerAvatar, lead.CustomerExternalId)),
            ApiJsonContext.Default.TrackLeadResponse),
    };

    private static LeadLink Describe(HttpContext context, Click click, Link? link)
    {
        // A link of Dub's is known by its clicks only.
        link ??= new Link { Id = click.LinkId, Domain = click.Domain, Key = click.Key, Url = click.Url, CreatedAt = click.Timestamp, UpdatedAt = click.Timestamp };
        return new LeadLink
        {
            Id = link.Id,
            Domain = link.Domain,
            Key = link.Key,
            ShortLink = LinkAddress.ShortLink(context.Request, link),
            Url = link.Url,
            TenantId = link.TenantId,
            ExternalId = link.ExternalId,
        };
    }
}
