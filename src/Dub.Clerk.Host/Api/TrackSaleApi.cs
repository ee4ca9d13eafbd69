using Dub.Clerk.Conversions;

namespace Dub.Clerk.Host.Api;

/// <summary><c>POST /track/sale</c> with the API key, and <c>/track/sale/client</c> with the publishable one: Dub's words around
/// <see cref="IConversions.TrackSaleAsync"/>.</summary>
internal static class TrackSaleApi
{
    private static readonly string[] Processors = ["stripe", "shopify", "polar", "paddle", "apple", "revenuecat", "lemonsqueezy", "dub", "custom"];

    public static void MapTrackSale(this IEndpointRouteBuilder keyed)
        => keyed.MapPost("/track/sale", (HttpContext context, ConversionService conversions, CancellationToken cancellationToken) =>
                TrackAsync(context, conversions, isClient: false, cancellationToken))
            .WithTags("Track").WithName("trackSale").WithSummary("Track a sale")
            .Accepts<TrackSaleRequest>("application/json").Produces<TrackSaleResponse>().Produces<ErrorResponse>(StatusCodes.Status400BadRequest)
            .Produces<ErrorResponse>(StatusCodes.Status404NotFound).Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);

    public static void MapTrackSaleClient(this IEndpointRouteBuilder published)
        => published.MapPost("/sale/client", (HttpContext context, ConversionService conversions, CancellationToken cancellationToken) =>
                TrackAsync(context, conversions, isClient: true, cancellationToken))
            .WithName("trackSaleClient").WithSummary("Track a sale from a page")
            .Accepts<TrackSaleRequest>("application/json").Produces<TrackSaleResponse>().Produces<ErrorResponse>(StatusCodes.Status403Forbidden)
            .Produces<ErrorResponse>(StatusCodes.Status404NotFound).Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);

    private static async Task<IResult> TrackAsync(HttpContext context, ConversionService conversions, bool isClient, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        using (body)
        {
            if (body is null)
            {
                return unreadable!;
            }

            var externalId = TrackLeadApi.ReadExternalId(body, isClient, trim: false);
            var sale = new Sale
            {
                CustomerExternalId = externalId ?? string.Empty,
                Amount = body.Amount("amount"),
                Currency = body.TextOr("currency", Money.Dollars),
                EventName = body.TextOr("eventName", "Purchase", ConversionLimits.EventName),
                PaymentProcessor = body.Option("paymentProcessor", "custom", Processors),
                InvoiceId = body.Text("invoiceId"),
                LeadEventName = body.Text("leadEventName"),
                Metadata = body.Metadata(),
                ClickId = body.Text("clickId")?.Trim(),
                CustomerName = body.Text("customerName", Profile.MaxLength),
                CustomerEmail = body.Email("customerEmail"),
                CustomerAvatar = body.Text("customerAvatar"),
            };
            if (body.Fault is { } fault)
            {
                return fault;
            }

            return externalId is null
                ? DubErrors.BadRequest("customerExternalId is required")
                : Respond(sale, await conversions.TrackSaleAsync(sale, mayAskDub: !isClient, cancellationToken));
        }
    }

    private static IResult Respond(Sale sale, SaleResult result) => result.Outcome switch
    {
        ConversionOutcome.UnknownClick => DubErrors.NotFound($"Click event not found for clickId: {sale.ClickId}"),
        ConversionOutcome.UnknownLink => DubErrors.NotFound(
            result.Customer is { } customer ? $"Link not found for customer {customer.Id}" : $"Link not found for clickId: {sale.ClickId}"),
        ConversionOutcome.DisabledLink => DubErrors.NotFound(
            $"Link {result.LinkId} for {(result.Customer is { } customer ? $"customer {customer.Id}" : $"clickId {sale.ClickId}")} is disabled, sale not tracked"),
        ConversionOutcome.UnknownLead => DubErrors.NotFound(
            $"Lead event not found for externalId: {sale.CustomerExternalId} and leadEventName: {sale.LeadEventName ?? "null"}"),
        ConversionOutcome.UnknownCurrency => DubErrors.Unprocessable(
            $"custom: currency: No exchange rate for {Shown(sale.Currency)} is configured. Set DubClerk:ExchangeRates, or send the amount in usd."),
        ConversionOutcome.ErasedCustomer => DubErrors.ErasedCustomer,
        ConversionOutcome.DubAway => DubErrors.DubAway,
        _ => TypedResults.Json(Describe(sale, result), ApiJsonContext.Default.TrackSaleResponse),
    };

    private static TrackSaleResponse Describe(Sale sale, SaleResult result) => result is { Sale: { } recorded, Customer: { } customer }
        ? new TrackSaleResponse(
            recorded.EventName,
            new SaleCustomer(customer.Id, customer.Name, customer.Email, customer.Avatar, customer.ExternalId),
            new SaleBody(recorded.Amount, recorded.Currency, recorded.PaymentProcessor, recorded.InvoiceId, recorded.Metadata))
        : new TrackSaleResponse(sale.EventName, null, null);

    private static string Shown(string currency) => currency is { Length: 3 } && currency.All(char.IsAsciiLetter) ? currency.ToUpperInvariant() : "this currency";
}
