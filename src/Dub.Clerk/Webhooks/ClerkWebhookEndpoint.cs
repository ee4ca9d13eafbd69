using System.Buffers;
using System.Text.Json;
using Dub.Clerk.Clerk;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Erasure;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Webhooks;

/// <summary>Takes Clerk's deliveries: size, headers, timestamp, signature, the work, and only then 2xx. A repeat runs the same work, which
/// changes nothing the second time.</summary>
internal sealed partial class ClerkWebhookEndpoint(
    SignUpJoin signUps, AccountUpdates updates, ErasureService erasures, WebhookSecretCache secrets, LiveOptions options, TimeProvider time,
    DubClerkMetrics metrics, Signs signs, ILogger<ClerkWebhookEndpoint> logger)
{
    /// <summary>The path where none is given to <c>MapClerkWebhooks</c>.</summary>
    public const string DefaultPattern = "/webhooks/clerk";

    /// <summary>Whose deliveries these are, in metrics and spans.</summary>
    public const string Sender = "clerk";

    /// <summary>How soon a delivery is worth repeating when the store is away; Clerk's own schedule starts with five seconds.</summary>
    private const int RetryAfterSeconds = 5;

    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 64 };

    public async Task HandleAsync(HttpContext context)
    {
        if (context.Request.ContentLength > DeliveryBody.MaxBytes)
        {
            await TooLargeAsync(context);
            return;
        }

        var verdict = WebhookHeaders.Read(context.Request.Headers, out var headers);
        if (verdict == WebhookVerificationResult.Verified)
        {
            verdict = WebhookVerifier.CheckHeaders(headers, time.GetUtcNow(), options.Current.WebhookTolerance);
        }

        if (verdict != WebhookVerificationResult.Verified)
        {
            metrics.WebhookChecked(Sender, verdict);
            await RefuseAsync(context, verdict, headers.Id);
            return;
        }

        if (!await DeliveryBody.ReadAsync(context, body => HandleAsync(context, headers, body)))
        {
            await TooLargeAsync(context);
        }
    }

    private async Task HandleAsync(HttpContext context, WebhookHeaders headers, ReadOnlyMemory<byte> body)
    {
        var current = options.Current;
        var verdict = WebhookVerifier.Verify(
            headers, new ReadOnlySequence<byte>(body), secrets.Get(current.WebhookSigningSecrets), time.GetUtcNow(), current.WebhookTolerance);
        metrics.WebhookChecked(Sender, verdict);
        if (verdict != WebhookVerificationResult.Verified)
        {
            await RefuseAsync(context, verdict, headers.Id);
            return;
        }

        signs.SeeWebhook(headers.Id);
        Traces.NameDelivery(headers.Id);
        JsonDocument delivery;
        try
        {
            delivery = JsonDocument.Parse(body, Json);
        }
        catch (JsonException)
        {
            Log.Malformed(logger, headers.Id, "it is not JSON");
            await Reply.ProblemAsync(context, StatusCodes.Status422UnprocessableEntity, "The delivery is signed, but it is not JSON.");
            return;
        }

        using (delivery)
        {
            await HandleAsync(context, headers, delivery.RootElement);
        }
    }

    private async Task HandleAsync(HttpContext context, WebhookHeaders headers, JsonElement delivery)
    {
        var type = LenientJson.Text(delivery, "type");
        if (type is null)
        {
            Log.Malformed(logger, headers.Id, "it has no type");
            await Reply.ProblemAsync(context, StatusCodes.Status422UnprocessableEntity, "The delivery has no type.");
            return;
        }

        if (type is not ("user.created" or "user.updated" or "user.deleted"))
        {
            Log.Ignored(logger, headers.Id);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var signedAt = DateTimeOffset.FromUnixTimeSeconds(long.Parse(headers.Timestamp, System.Globalization.CultureInfo.InvariantCulture));
        if (LenientJson.Property(delivery, "data") is not { } data || ClerkAccount.Read(data, signedAt) is not { } user)
        {
            Log.Malformed(logger, headers.Id, "its data has no user id");
            await Reply.ProblemAsync(context, StatusCodes.Status422UnprocessableEntity, "The event's data has no user id.");
            return;
        }

        try
        {
            await (type switch
            {
                "user.created" => CreatedAsync(context, headers.Id, user),
                "user.updated" => UpdatedAsync(context, headers.Id, user),
                _ => DeletedAsync(context, headers.Id, user.UserId),
            });
        }
        catch (StoreException e)
        {
            Log.StoreUnavailable(logger, headers.Id, (e.InnerException ?? e).GetType().Name);
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            await Reply.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "The store is not available. Deliver again.");
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            // The app's own hook, or a fault of ours: not acknowledged, so it comes again.
            Log.Failed(logger, e, headers.Id);
            await Reply.ProblemAsync(context, StatusCodes.Status500InternalServerError, "The event could not be recorded. Deliver again.");
        }
    }

    private async Task CreatedAsync(HttpContext context, string deliveryId, ClerkAccount user)
    {
        var signUp = await signUps.UserCreatedAsync(user, context.RequestAborted);
        Log.Handled(logger, deliveryId, signUp.State, signUp.Reason);
        await Reply.ResultAsync(context, signUp);
    }

    private async Task UpdatedAsync(HttpContext context, string deliveryId, ClerkAccount user)
    {
        await updates.UpdateAsync(user);
        Log.Updated(logger, deliveryId);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task DeletedAsync(HttpContext context, string deliveryId, string userId)
    {
        await erasures.BeginAsync(userId);
        Log.Deleted(logger, deliveryId);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Says no, and not why: the log tells the owner, the sender may be a stranger.</summary>
    private Task RefuseAsync(HttpContext context, WebhookVerificationResult verdict, string? deliveryId)
    {
        if (verdict == WebhookVerificationResult.SecretMissing)
        {
            Log.SecretMissing(logger);
            return Reply.ProblemAsync(context, StatusCodes.Status500InternalServerError, "This endpoint is not configured.");
        }

        // A malformed id is a stranger's text, which has no place in a log.
        Log.Refused(logger, verdict, verdict == WebhookVerificationResult.IdMalformed ? null : deliveryId);
        return verdict is WebhookVerificationResult.TimestampTooOld or WebhookVerificationResult.TimestampTooNew
                or WebhookVerificationResult.SignatureMismatch or WebhookVerificationResult.SignatureUnsupported
            ? Reply.ProblemAsync(context, StatusCodes.Status401Unauthorized, "The signature is not valid.")
            : Reply.ProblemAsync(context, StatusCodes.Status400BadRequest, "The signature headers are missing or malformed.");
    }

    private Task TooLargeAsync(HttpContext context)
    {
        Log.TooLarge(logger, DeliveryBody.MaxBytes);
        return Reply.ProblemAsync(context, StatusCodes.Status413PayloadTooLarge, "A delivery may have at most 1 MiB.");
    }

    private static partial class Log
    {
        // A stranger's request is no fault of ours, hence Information.
        [LoggerMessage(EventIds.WebhookRefused, LogLevel.Information, "Refused a webhook delivery: {Verdict} (delivery {DeliveryId}).")]
        public static partial void Refused(ILogger logger, WebhookVerificationResult verdict, string? deliveryId);

        [LoggerMessage(EventIds.WebhookTooLarge, LogLevel.Information, "Refused a webhook delivery of more than {MaxBytes} bytes.")]
        public static partial void TooLarge(ILogger logger, int maxBytes);

        [LoggerMessage(EventIds.WebhookSecretMissing, LogLevel.Error, "No webhook delivery can be checked: CLERK_WEBHOOK_SIGNING_SECRET holds no usable secret. Copy the endpoint's Signing Secret from the Clerk Dashboard, page Webhooks.")]
        public static partial void SecretMissing(ILogger logger);

        [LoggerMessage(EventIds.WebhookMalformed, LogLevel.Warning, "Refused delivery {DeliveryId}: it is signed, but {Fault}.")]
        public static partial void Malformed(ILogger logger, string deliveryId, string fault);

        [LoggerMessage(EventIds.WebhookIgnored, LogLevel.Debug, "Delivery {DeliveryId} has a type that is not handled.")]
        public static partial void Ignored(ILogger logger, string deliveryId);

        [LoggerMessage(EventIds.WebhookHandled, LogLevel.Information, "Delivery {DeliveryId}: the sign-up is {State} ({Reason}).")]
        public static partial void Handled(ILogger logger, string deliveryId, SignUpState state, NoLeadReason reason);

        [LoggerMessage(EventIds.WebhookStoreUnavailable, LogLevel.Error, "Delivery {DeliveryId} was not acknowledged, because the store is not available ({Fault}). Clerk delivers it again.")]
        public static partial void StoreUnavailable(ILogger logger, string deliveryId, string fault);

        [LoggerMessage(EventIds.WebhookFailed, LogLevel.Error, "Delivery {DeliveryId} was not acknowledged, because what it tells could not be recorded. Clerk delivers it again.")]
        public static partial void Failed(ILogger logger, Exception exception, string deliveryId);

        [LoggerMessage(EventIds.WebhookUpdated, LogLevel.Debug, "Delivery {DeliveryId}: the user's profile is as Clerk has it.")]
        public static partial void Updated(ILogger logger, string deliveryId);

        [LoggerMessage(EventIds.WebhookDeleted, LogLevel.Information, "Delivery {DeliveryId}: the user is erased.")]
        public static partial void Deleted(ILogger logger, string deliveryId);
    }
}
