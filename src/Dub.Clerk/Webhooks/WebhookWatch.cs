using Dub.Clerk.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Dub.Clerk.Webhooks;

/// <summary>How long a delivery takes and what it is answered with, in metrics and as a span.</summary>
internal static class WebhookWatch
{
    /// <param name="context">The delivery.</param>
    /// <param name="sender">Whose it is, or says it is.</param>
    /// <param name="handle">Answers it.</param>
    public static async Task HandleAsync(HttpContext context, string sender, RequestDelegate handle)
    {
        var metrics = context.RequestServices.GetRequiredService<DubClerkMetrics>();
        var arrived = metrics.WebhookArrived();
        using var span = Traces.StartWebhook(sender);
        await handle(context);
        var status = context.Response.StatusCode;
        metrics.WebhookAnswered(sender, status, arrived);
        if (span is not null)
        {
            span.SetTag(Tags.ResponseStatus, status);
            span.End(status < StatusCodes.Status400BadRequest ? "taken" : status < StatusCodes.Status500InternalServerError ? "refused" : "failed", isFault: status >= StatusCodes.Status500InternalServerError);
        }
    }
}
