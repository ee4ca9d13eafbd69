using System.Text.Json;
using Dub.Clerk.Conversions;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Webhooks;

/// <summary>Takes Dub's deliveries: clicks on Dub's links become ours, and a lead that Dub says it has needs no more proof.</summary>
/// <remarks>The signature has no time in it, so a delivery can be repeated for ever: what it does is keyed by click and by lead, and a repeat changes
/// nothing.</remarks>
internal sealed partial class DubWebhookEndpoint(
    ClickStore clicks, ConversionTracker conversions, StoreSchema schema, LiveOptions options, TimeProvider time, DubClerkMetrics metrics,
    ILogger<DubWebhookEndpoint> logger)
{
    /// <summary>The path where none is given to <c>MapDubWebhooks</c>.</summary>
    public const string DefaultPattern = "/webhooks/dub";

    /// <summary>Whose deliveries these are, in metrics and spans.</summary>
    public const string Sender = "dub";

    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 64 };

    public async Task HandleAsync(HttpContext context)
    {
        var signature = context.Request.Headers[DubSignature.Header];
        if (!DubSignature.IsWellFormed(signature))
        {
            metrics.WebhookChecked(Sender, string.IsNullOrEmpty(signature) ? WebhookVerificationResult.HeaderMissing : WebhookVerificationResult.SignatureUnsupported);
            Log.Refused(logger, "the header is missing or malformed");
            await Reply.ProblemAsync(context, StatusCodes.Status400BadRequest, "The header Dub-Signature is missing or malformed.");
        }
        else if (context.Request.ContentLength > DeliveryBody.MaxBytes || !await DeliveryBody.ReadAsync(context, body => HandleAsync(context, signature!, body)))
        {
            await Reply.ProblemAsync(context, StatusCodes.Status413PayloadTooLarge, "A delivery may have at most 1 MiB.");
        }
    }

    private async Task HandleAsync(HttpContext context, string signature, ReadOnlyMemory<byte> body)
    {
        if (!DubSignature.Verify(signature, body.Span, options.Current.DubWebhookSecrets))
        {
            metrics.WebhookChecked(Sender, WebhookVerificationResult.SignatureMismatch);
            Log.Refused(logger, "the signature is not Dub's");
            await Reply.ProblemAsync(context, StatusCodes.Status401Unauthorized, "The signature is not valid.");
            return;
        }

        metrics.WebhookChecked(Sender, WebhookVerificationResult.Verified);
        try
        {
            using var delivery = JsonDocument.Parse(body, Json);
            await HandleAsync(context, delivery.RootElement);
        }
        catch (JsonException)
        {
            await Reply.ProblemAsync(context, StatusCodes.Status422UnprocessableEntity, "The delivery is signed, but it is not JSON.");
        }
        catch (StoreException e)
        {
            Log.StoreUnavailable(logger, (e.InnerException ?? e).GetType().Name);
            context.Response.Headers.RetryAfter = "5";
            await Reply.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "The store is not available. Deliver again.");
        }
    }

    private async Task HandleAsync(HttpContext context, JsonElement delivery)
    {
        await schema.CheckAsync();
        if (LenientJson.Text(delivery, "event") is not ("link.clicked" or "lead.created" or "sale.created") || LenientJson.Property(delivery, "data") is not { } data)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (DubEvent.ReadClick(data, time.GetUtcNow()) is not { } click)
        {
            await Reply.ProblemAsync(context, StatusCodes.Status422UnprocessableEntity, "The event names no click.");
            return;
        }

        await clicks.RecordAsync(click);
        var confirmed = LenientJson.Text(delivery, "event") == "lead.created" && DubEvent.ReadLead(data) is { } lead
            && await conversions.ConfirmLeadAsync(lead.Customer, lead.EventName);
        Log.Handled(logger, click.Id, confirmed);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static partial class Log
    {
        // A stranger's request is no fault of ours, hence Information.
        [LoggerMessage(EventIds.DubWebhookRefused, LogLevel.Information, "Refused a delivery to the Dub webhook: {Reason}.")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(EventIds.DubWebhookHandled, LogLevel.Debug, "Dub told of click {ClickId}; it confirms a lead under way: {Confirms}.")]
        public static partial void Handled(ILogger logger, string clickId, bool confirms);

        [LoggerMessage(EventIds.DubWebhookStoreUnavailable, LogLevel.Error, "A delivery of Dub's was not acknowledged, because the store is not available ({Fault}). Dub delivers it again.")]
        public static partial void StoreUnavailable(ILogger logger, string fault);
    }
}
